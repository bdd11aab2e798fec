"""The template itself decides what runs: translated by SAM, resolved by CloudFormation."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.deploy import rate_seconds
from infra.local.template import Json, TemplateError, deployable, load, translate, without_unknown_references
from tests.local.rig import ROOT, TEMPLATE

SCRIPT = """
import dataclasses, json, sys
from pathlib import Path
from infra.local.moto_app import MotoApp
from infra.local.template import load, translate
from infra.local.deploy import deploy
path, parameters = Path(sys.argv[1]), json.loads(sys.argv[2])
MotoApp()
print(json.dumps(dataclasses.asdict(deploy(translate(load(path), parameters), parameters, path.parent))))
"""


def deployed(template: Path, **parameters: str) -> Any:
    """The deployment of a template, made in a process of its own, because moto has one state a process."""
    command = [sys.executable, "-c", SCRIPT, str(template), json.dumps(parameters)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise TemplateError(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)


def edited(tmp_path: Path, old: str, new: str) -> Path:
    """A copy of the fixture's template with one change."""
    text = TEMPLATE.read_text()
    assert old in text
    (tmp_path / "machine.asl.json").write_text((TEMPLATE.parent / "machine.asl.json").read_text())
    (tmp_path / "template.yaml").write_text(text.replace(old, new))
    return tmp_path / "template.yaml"


@pytest.fixture(scope="module")
def census() -> Any:
    return deployed(ROOT / "template.yaml", TenantClaim="tenant", MapConcurrency="3")


def test_the_applications_template_deploys_with_parameters_resolved(census: Any) -> None:
    assert census["functions"]["ServeApi"]["environment"]["TENANT_CLAIM"] == "tenant"
    (mapping,) = [row for row in census["mappings"] if row["function"] == "MapBatch"]
    assert mapping["max_concurrency"] == 3
    assert mapping["reports_item_failures"]


def test_functions_know_queues_buckets_and_the_state_machine(census: Any) -> None:
    variables = census["functions"]["ReconcileWork"]["environment"]
    (machine,) = census["state_machines"]
    assert variables["STATE_MACHINE_ARN"] == machine["arn"]
    assert variables["MAP_QUEUE_URL"] == census["queues"]["MapQueue"]
    assert variables["DOCUMENTS_BUCKET"] == census["buckets"][0]["name"]


def test_the_state_machine_calls_the_deployed_functions(census: Any) -> None:
    (machine,) = census["state_machines"]
    states = json.loads(machine["definition"])["States"]
    arn = census["functions"]["DispatchBatches"]["arn"]
    assert states["DispatchBatches"]["Parameters"]["FunctionName"] == arn
    assert states["DispatchBatches"]["Parameters"]["Payload"]["task_token.$"] == "$$.Task.Token"


def test_every_variable_is_resolved(census: Any) -> None:
    for function in census["functions"].values():
        assert not [value for value in function["environment"].values() if "${" in value]


def test_open_and_guarded_routes_are_told_apart(census: Any) -> None:
    authorized = {route["path"]: route["authorized"] for route in census["routes"]}
    assert authorized["/{proxy+}"]
    assert not authorized["/health"]


def test_a_change_of_the_template_changes_the_deployment(tmp_path: Path) -> None:
    path = edited(tmp_path, "MaximumBatchingWindowInSeconds: 1", "MaximumBatchingWindowInSeconds: 7")
    found = deployed(path, InboxBatchSize="9", ProbeTimeout="4")
    mapping = next(row for row in found["mappings"] if row["queue_arn"].endswith("Inbox"))
    assert (mapping["batch_size"], mapping["window_seconds"]) == (9, 7)
    assert found["functions"]["Probe"]["timeout_seconds"] == 4


def test_a_queue_whose_messages_return_during_the_work_is_refused(tmp_path: Path) -> None:
    path = edited(tmp_path, "VisibilityTimeout: 2", "VisibilityTimeout: 1")
    with pytest.raises(TemplateError, match=r"Inbox: its VisibilityTimeout of 1 s is less than the Timeout"):
        deployed(path)


def test_an_unknown_parameter_is_named() -> None:
    with pytest.raises(TemplateError, match="no parameter Spelling"):
        deployed(TEMPLATE, Spelling="x")


def test_a_template_that_sam_refuses_says_why(tmp_path: Path) -> None:
    template = load(TEMPLATE)
    template["Resources"]["Probe"]["Properties"]["Spelling"] = 1
    with pytest.raises(TemplateError, match="Spelling"):
        translate(template, {})


def test_a_file_without_resources_is_no_template(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("a: 1\n")
    with pytest.raises(TemplateError, match="no Resources"):
        load(tmp_path / "empty.yaml")


def test_what_moto_lacks_is_left_out_and_references_to_it_become_text() -> None:
    translated = translate(load(TEMPLATE), {})
    kept = deployable(translated)["Resources"]
    assert "UnreadPolicy" not in kept
    assert "Api" not in kept
    assert kept["ServeApi"]["Properties"]["Environment"]["Variables"]["API_ID"] == "Api"


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(value=JSON)
def test_plain_data_is_not_changed(value: Json) -> None:
    assert without_unknown_references(value, set()) == value


def test_only_unknown_references_become_text() -> None:
    value = [
        {"Ref": "A"},
        {"Ref": "B"},
        {"Fn::GetAtt": ["B", "Arn"]},
        {"Fn::Sub": "${A.Arn}/${B}/${AWS::Region}"},
    ]
    assert without_unknown_references(value, {"A"}) == [
        {"Ref": "A"},
        "B",
        "B.Arn",
        {"Fn::Sub": "${A.Arn}/B/${AWS::Region}"},
    ]


@pytest.mark.parametrize(
    ("expression", "seconds"), [("rate(1 minute)", 60), ("rate(2 hours)", 7200), ("rate(1 day)", 86400)]
)
def test_rates_are_read(expression: str, seconds: float) -> None:
    assert rate_seconds(expression) == seconds


def test_other_schedules_are_refused() -> None:
    with pytest.raises(TemplateError, match="cron"):
        rate_seconds("cron(0 12 * * ? *)")
