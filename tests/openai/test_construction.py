"""Making the model costs nothing: no import of the vendor's package, no client, no environment."""

import os
import subprocess
import sys

import pytest

from census.adapters.openai_language_model import OpenAILanguageModel
from census.ports.language_model import LanguageModel
from tests.model_server import ModelServer, ScriptedBrain
from tests.openai.asking import REQUEST, model_at

LAZY = """
import sys
from census.adapters.openai_language_model import OpenAILanguageModel
OpenAILanguageModel("k", None, "gpt-5-mini", "gpt-5", 5)
assert not {"openai", "httpx2"} & set(sys.modules)
"""


def test_the_vendors_package_is_imported_at_the_first_call_only() -> None:
    path = os.pathsep.join(entry or "." for entry in sys.path)
    subprocess.run([sys.executable, "-c", LAZY], check=True, env={"PYTHONPATH": path}, timeout=60)


def test_the_environment_does_not_decide_where_calls_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    with ModelServer(ScriptedBrain(), api_key="mine") as server:
        model = OpenAILanguageModel("mine", server.base_url, "gpt-5-mini", "gpt-5", 5)
        assert model.read_windows(REQUEST).usage.calls == 1


@pytest.mark.parametrize(
    ("key", "url", "seconds", "attempts", "said"),
    [
        ("", None, 5.0, 1, "api_key"),
        ("k", "localhost:8000", 5.0, 1, "http://"),
        ("k", None, 0.0, 1, "timeout_seconds"),
        ("k", None, 5.0, 0, "max_attempts"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_once(
    key: str, url: str | None, seconds: float, attempts: int, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        OpenAILanguageModel(key, url, "gpt-5-mini", "gpt-5", seconds, attempts)


def test_it_is_a_language_model_named_like_its_standard_model() -> None:
    model: LanguageModel = model_at("http://127.0.0.1:9/v1")
    assert model.name == "gpt-5-mini"


def test_the_contracts_version_is_the_same_wherever_the_model_is() -> None:
    versions = {model_at(f"http://127.0.0.1:{port}/v1").contract_version for port in (1, 2)}
    assert len(versions) == 1
    assert len(versions.pop()) == 12


def test_another_strong_model_is_another_contract_because_it_decides_what_is_in_doubt() -> None:
    models = [OpenAILanguageModel("k", None, "gpt-5-mini", strong, 5) for strong in ("gpt-5", "gpt-5.4")]
    assert models[0].contract_version != models[1].contract_version


def test_one_model_for_both_strengths_is_no_stronger_one() -> None:
    assert OpenAILanguageModel("k", None, "local", "local", 5).strong_name is None
    assert OpenAILanguageModel("k", None, "local", "large", 5).strong_name == "large"
