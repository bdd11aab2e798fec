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
from infra.local.stack import LOCAL_PARAMETERS
from infra.local.template import Json, TemplateError, deployable, load, translate, without_unknown_references
from tests.local.rig import ROOT, TEMPLATE

SCRIPT = """
import dataclasses, json, sys
from pathlib import Path
from infra.local.deploy import deploy
from infra.local.moto_app import MotoApp
from infra.local.template import TemplateError, load, translate
found = {}
for name, path, parameters in json.load(sys.stdin):
    MotoApp()
    try:
        translated = translate(load(Path(path)), parameters)
        found[name] = dataclasses.asdict(deploy(translated, parameters, Path(path).parent))
    except TemplateError as error:
        found[name] = str(error)
print(json.dumps(found))
"""


def edited(folder: Path, old: str, new: str) -> Path:
    """A copy of the fixture's template with one change."""
    text = TEMPLATE.read_text()
    assert old in text
    answer_job = ROOT / "infra" / "statemachine" / "answer_job.asl.json"
    folder.mkdir()
    (folder / answer_job.name).write_text(answer_job.read_text())
    (folder / "machine.asl.json").write_text((TEMPLATE.parent / "machine.asl.json").read_text())
    path = folder / "template.yaml"
    path.write_text(
        text.replace(old, new).replace(f"../../../infra/statemachine/{answer_job.name}", answer_job.name)
    )
    return path


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Deployments by name, or what was wrong; made in another process: moto has one state a process."""
    folder = tmp_path_factory.mktemp("templates")
    window = edited(folder / "a", "MaximumBatchingWindowInSeconds: 1", "MaximumBatchingWindowInSeconds: 7")
    visibility = edited(folder / "b", "VisibilityTimeout: 4", "VisibilityTimeout: 1")
    wanted = [
        ("census", str(ROOT / "template.yaml"), {**LOCAL_PARAMETERS, "MapConcurrency": "3"}),
        ("window", str(window), {"InboxBatchSize": "9", "ProbeTimeout": "4"}),
        ("visibility", str(visibility), {}),
        ("spelling", str(TEMPLATE), {"Spelling": "x"}),
    ]
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(
        command, cwd=ROOT, input=json.dumps(wanted), stdout=subprocess.PIPE, text=True, check=True, timeout=60
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def census(deployed: dict[str, Any]) -> Any:
    return deployed["census"]


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


def test_a_change_of_the_template_changes_the_deployment(deployed: dict[str, Any]) -> None:
    found = deployed["window"]
    mapping = next(row for row in found["mappings"] if row["queue_arn"].endswith("Inbox"))
    assert (mapping["batch_size"], mapping["window_seconds"]) == (9, 7)
    assert found["functions"]["Probe"]["timeout_seconds"] == 4


def test_a_queue_whose_messages_return_during_the_work_is_refused(deployed: dict[str, Any]) -> None:
    assert "Inbox: its VisibilityTimeout of 1 s is less than the Timeout of" in deployed["visibility"]


def test_an_unknown_parameter_is_named(deployed: dict[str, Any]) -> None:
    assert "no parameter Spelling" in deployed["spelling"]


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
