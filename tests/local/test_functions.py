"""Functions run in processes of their own, see only what Lambda would show them, and end when they must."""

import json
import os
import signal
import time
from typing import Any

import pytest

from infra.local.function_processes import PayloadTooLargeError, UnknownFunctionError
from infra.local.lambda_runtime import Outcome
from tests.local.rig import ROOT, Rig, eventually, is_gone


def error_type(outcome: Outcome) -> str:
    assert outcome.function_error == "Unhandled"
    return str(json.loads(outcome.payload)["errorType"])


def test_a_function_answers_and_stays_warm(rig: Rig) -> None:
    first, second = json.loads(rig.probe(a=1).payload), json.loads(rig.probe(a=2).payload)
    assert first["a"] == 1
    assert first["pid"] == second["pid"]


def test_the_context_names_the_function(rig: Rig) -> None:
    assert json.loads(rig.probe().payload)["arn"].endswith(":function:census-Probe")


def test_a_function_sees_its_folder_its_layers_and_nothing_of_the_virtual_environment(rig: Rig) -> None:
    seen = json.loads(rig.probe(action="look").payload)
    assert seen["cwd"].endswith("fixture/functions/probe")
    assert not [part for part in seen["path"] if "site-packages" in part or ".venv" in part]
    assert str(ROOT / ".build" / "local" / "runtime") in seen["path"]
    assert not [part for part in seen["path"] if part.endswith("infra/local")]


def test_a_function_gets_nothing_of_the_callers_environment(rig: Rig) -> None:
    seen = json.loads(rig.probe(action="look").payload)["environment"]
    assert "HOME" not in seen
    assert "PYTEST_CURRENT_TEST" not in seen
    assert seen["PATH"] == "/usr/local/bin:/usr/bin:/bin"


def test_variables_of_the_template_arrive_resolved(rig: Rig) -> None:
    seen = json.loads(rig.probe(action="look").payload)["environment"]
    assert seen["INBOX_URL"] == rig.queue("Inbox")
    assert seen["TENANT_CLAIM"] == "tenant"
    assert seen["AWS_LAMBDA_LOG_FORMAT"] == "JSON"
    assert seen["CENSUS_LOCAL"] == "1"
    assert seen["AWS_ENDPOINT_URL"] == rig.stack.cloud.endpoint_url


def test_the_deadline_is_the_templates_time_out(rig: Rig) -> None:
    remaining = json.loads(rig.probe(action="look").payload)["remaining_ms"]
    assert 0 < remaining <= 3000


def test_a_process_past_its_time_out_is_killed(rig: Rig) -> None:
    pid = json.loads(rig.probe().payload)["pid"]
    began = time.monotonic()
    outcome = rig.probe(action="sleep", seconds=300)
    assert error_type(outcome) == "Sandbox.Timedout"
    assert "Task timed out after 3.00 seconds" in json.loads(outcome.payload)["errorMessage"]
    assert time.monotonic() - began < 60
    assert is_gone(pid)


def test_what_a_function_started_ends_with_it(rig: Rig) -> None:
    child = json.loads(rig.probe(action="spawn").payload)["child"]
    assert not is_gone(child)
    rig.probe(action="sleep", seconds=300)
    assert eventually(lambda: is_gone(child))


def test_a_process_that_dies_is_an_error_and_the_next_call_gets_a_new_one(rig: Rig) -> None:
    outcome = rig.probe(action="exit", code=3)
    assert error_type(outcome) == "Runtime.ExitError"
    assert "exit status 3" in json.loads(outcome.payload)["errorMessage"]
    assert json.loads(rig.probe(a=1).payload)["a"] == 1


def test_a_warm_process_killed_from_outside_loses_no_invocation(rig: Rig) -> None:
    pid = json.loads(rig.probe().payload)["pid"]
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: pid not in rig.stack.cloud.functions.pids("Probe"))
    outcome = rig.probe(a=7)
    assert outcome.function_error is None
    assert json.loads(outcome.payload)["pid"] != pid


def test_an_exception_comes_back_with_its_type(rig: Rig) -> None:
    outcome = rig.probe(action="raise", kind="ModelError")
    assert error_type(outcome) == "ModelError"
    assert json.loads(outcome.payload)["errorMessage"] == "as asked"


def test_code_that_cannot_be_loaded_says_so(rig: Rig) -> None:
    outcome = rig.stack.cloud.functions.invoke("BrokenCode", b"{}")
    assert error_type(outcome) == "Runtime.HandlerNotFound"


def test_a_result_above_six_megabytes_is_refused(rig: Rig) -> None:
    assert error_type(rig.probe(action="large", bytes=7_000_000)) == "Function.ResponseSizeTooLarge"


def test_an_event_above_six_megabytes_is_refused(rig: Rig) -> None:
    with pytest.raises(PayloadTooLargeError):
        rig.probe(filler="x" * 7_000_000)


def test_an_unknown_function_is_named(rig: Rig) -> None:
    with pytest.raises(UnknownFunctionError, match="NoSuch"):
        rig.stack.cloud.functions.invoke("NoSuch", b"{}")


def test_live_processes_stand_in_a_file(rig: Rig) -> None:
    pid = json.loads(rig.probe().payload)["pid"]
    run_file = rig.folder.parent / "data" / "run" / "functions.json"
    assert {"function": "Probe", "pid": pid} in json.loads(run_file.read_text())


def test_invoke_over_http_answers_with_the_payload(rig: Rig) -> None:
    answer: Any = rig.functions.invoke(FunctionName="census-Probe", Payload=b'{"a": 5}')
    assert json.load(answer["Payload"])["a"] == 5
    assert "FunctionError" not in answer


def test_invoke_over_http_by_arn_marks_errors(rig: Rig) -> None:
    arn = rig.stack.cloud.deployment.functions["Probe"].arn
    answer: Any = rig.functions.invoke(FunctionName=arn, Payload=b'{"action": "raise"}')
    assert answer["FunctionError"] == "Unhandled"


def test_an_asynchronous_invocation_is_accepted_and_runs(rig: Rig) -> None:
    event = json.dumps({"action": "record", "mark": "asynchronous"}).encode()
    answer = rig.functions.invoke(FunctionName="census-Probe", InvocationType="Event", Payload=event)
    assert answer["StatusCode"] == 202
    assert eventually(lambda: [row for row in rig.records("probe") if row.get("mark") == "asynchronous"])


def test_an_unknown_function_over_http_is_not_found(rig: Rig) -> None:
    with pytest.raises(rig.functions.exceptions.ResourceNotFoundException):
        rig.functions.invoke(FunctionName="no-such-function")


def test_what_a_function_prints_is_in_its_log(rig: Rig) -> None:
    rig.probe(action="raise", kind="LoggedError")
    log = rig.folder.parent / "data" / "logs" / "Probe.log"
    assert eventually(lambda: "LoggedError" in log.read_text())


def test_the_schedule_fires_at_the_start(rig: Rig) -> None:
    (event,) = eventually(lambda: rig.records("ticks"))
    assert event["detail-type"] == "Scheduled Event"
    assert event["resources"][0].endswith("rule/census-TickSweep")


def test_the_schema_is_migrated_once_before_serving(rig: Rig) -> None:
    assert rig.records("migrations") == [{"action": "migrate"}]
