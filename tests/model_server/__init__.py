"""An OpenAI-compatible server for tests: real HTTP, scripted or gold answers, seeded faults.

    with ModelServer(GoldBrain.load(Path("../shared/cuad"))) as server:
        OpenAILanguageModel("any-key", server.base_url, "gpt-5-mini", "gpt-5", timeout_seconds=5)

As a process: `python -m tests.model_server --port 0 --gold ../shared/cuad --fault-rate 0.1 --seed 1`.
"""

from tests.model_server.brains import AskedWindow, Brain, ScriptedBrain
from tests.model_server.exchange import Latency, Reply, json_reply
from tests.model_server.faults import Fault, FaultPlan
from tests.model_server.gold import GoldBrain
from tests.model_server.obedient_brain import ObedientBrain
from tests.model_server.rate_gate import RateCount, RateGate
from tests.model_server.records import RecordedCall, window_key
from tests.model_server.server import LoopbackServer, ModelServer

__all__ = [
    "AskedWindow",
    "Brain",
    "Fault",
    "FaultPlan",
    "GoldBrain",
    "Latency",
    "LoopbackServer",
    "ModelServer",
    "ObedientBrain",
    "RateCount",
    "RateGate",
    "RecordedCall",
    "Reply",
    "ScriptedBrain",
    "json_reply",
    "window_key",
]
