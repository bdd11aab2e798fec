"""Alarms watch what exists, tell somebody, and say what to do first."""

import re
from pathlib import Path
from typing import Any

import pytest

from census.domain import measures
from census.domain.measures import MEASURES
from infra.local.template import load
from tests.observability.watched import (
    ROOT,
    Json,
    WatchedMetric,
    alarms,
    runbook_sections,
    section_of,
    template,
    watched_by_alarms,
    watched_by_dashboard,
    widgets,
)

NO_ALARM = "Without an alarm"


@pytest.fixture(scope="module")
def document() -> Json:
    return template("alarms")


@pytest.fixture(scope="module")
def dashboard() -> Json:
    return template("dashboard")


@pytest.fixture(scope="module")
def application() -> Json:
    return load(ROOT / "template.yaml")


def test_every_metric_an_alarm_watches_is_emitted_with_these_dimensions(document: Json) -> None:
    assert [p for watched in watched_by_alarms(document) if (p := watched.problem())] == []


def test_every_metric_on_the_dashboard_is_emitted_with_these_dimensions(dashboard: Json) -> None:
    assert [p for watched in watched_by_dashboard(dashboard) if (p := watched.problem())] == []


@pytest.mark.parametrize(
    ("watched", "said"),
    [
        (WatchedMetric("A", "Census/${Application}", "Nobody", {}), "emits no Nobody"),
        (WatchedMetric("A", "Census/${Application}", "JobsEnded", {}), "is emitted by ['Status']"),
        (WatchedMetric("A", "Census/${Application}", "JobsEnded", {"Status": "bad"}), "never emitted for"),
        (WatchedMetric("A", "Census", "JobsEnded", {"Status": "failed"}), "AWS has no"),
        (WatchedMetric("A", "AWS/ApiGateway", "5XXError", {"ApiId": "x"}), "AWS has no"),
        (WatchedMetric("A", "AWS/SQS", "NumberOfMessagesDeleted", {}), "AWS has no"),
    ],
)
def test_a_metric_that_nobody_emits_is_found(watched: WatchedMetric, said: str) -> None:
    assert said in (watched.problem() or "")


def test_every_measure_of_the_code_is_looked_at(document: Json, dashboard: Json) -> None:
    seen = {watched.name for watched in (*watched_by_alarms(document), *watched_by_dashboard(dashboard))}
    assert set(MEASURES) - seen == {"ClaimsExpired"}  # a repair follows, and is on the dashboard


def test_every_alarm_tells_the_topic_when_it_begins_and_when_it_ends(document: Json) -> None:
    for name, alarm in alarms(document).items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}], name


def test_the_topic_has_a_reader_and_lets_cloudwatch_publish(document: Json) -> None:
    resources = document["Resources"]
    topics = {id for id, resource in resources.items() if resource["Type"] == "AWS::SNS::Topic"}
    of_type = {kind: _of(resources, f"AWS::SNS::{kind}") for kind in ("Subscription", "TopicPolicy")}
    assert {one["TopicArn"]["Ref"] for one in of_type["Subscription"]} == topics
    (policy,) = of_type["TopicPolicy"]
    assert {topic["Ref"] for topic in policy["Topics"]} == topics
    allowed = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow"]
    assert [(s["Principal"], s["Action"]) for s in allowed] == [
        ({"Service": "cloudwatch.amazonaws.com"}, "sns:Publish")
    ]
    assert (
        "KmsMasterKeyId" not in resources["AlarmTopic"]["Properties"]
    )  # its key would have to let CloudWatch in


def _of(resources: Json, kind: str) -> list[Any]:
    return [resource["Properties"] for resource in resources.values() if resource["Type"] == kind]


def test_every_alarm_says_the_first_step_and_names_a_section_of_the_runbook(document: Json) -> None:
    sections = set(runbook_sections())
    for name, alarm in alarms(document).items():
        assert "First step: " in alarm["AlarmDescription"], name
        assert section_of(alarm) in sections, name


def test_every_section_of_the_runbook_has_an_alarm_or_says_that_it_has_none(document: Json) -> None:
    named = {section_of(alarm) for alarm in alarms(document).values()}
    assert [section for section in runbook_sections() if section not in named] == [NO_ALARM]


def test_every_section_says_meaning_first_step_and_causes() -> None:
    text = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    for section in text.split("\n## ")[1:]:
        if not section.startswith(NO_ALARM):
            parts = [
                part.lower()
                for part in re.findall(r"\*\*(Meaning|First step|first step|Causes)\*\*", section)
            ]
            assert parts == ["meaning", "first step", "causes"], section.splitlines()[0]


def test_links_of_the_runbook_lead_somewhere() -> None:
    text = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    for file, anchor in re.findall(r"\]\(([\w./]+\.md)(?:#([\w-]+))?\)", text):
        target: Path = ROOT / "docs" / file
        headings = [
            h.lower().replace(" ", "-") for h in re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.M)
        ]
        assert not anchor or anchor in headings, f"{file}#{anchor}"


def test_missing_data_is_thought_of_for_every_alarm(document: Json) -> None:
    treated = {name: alarm["TreatMissingData"] for name, alarm in alarms(document).items()}
    now_and_then = {"StuckFiles", "StuckPages", "StuckJobs", "DatabaseConnections"}
    assert {name for name, how in treated.items() if how == "ignore"} == now_and_then
    assert {name for name, how in treated.items() if how == "breaching"} == {"SweepMissing"}
    assert set(treated.values()) == {"ignore", "breaching", "notBreaching"}


def test_an_old_message_alone_is_no_alarm(document: Json) -> None:
    stands = {name: alarm for name, alarm in alarms(document).items() if name.endswith("QueueStands")}
    assert len(stands) == 4
    for alarm in stands.values():
        assert alarm["Metrics"][0]["Expression"] == "IF(age > 600 AND FILL(deleted, 0) == 0, 1, 0)"


def test_every_queue_every_dead_letter_queue_and_every_function_is_watched(
    document: Json, application: Json
) -> None:
    watched = {value for one in watched_by_alarms(document) for value in one.dimensions.values()}
    resources = application["Resources"]
    kinds = ("AWS::SQS::Queue", "AWS::Serverless::Function")
    unwatched = {id for id, r in resources.items() if r["Type"] in kinds} - {v[2:-1] for v in watched}
    assert unwatched == set()


@pytest.mark.parametrize("name", ["Alarms", "Dashboard"])
def test_the_application_gives_each_nested_stack_what_it_asks_for(application: Json, name: str) -> None:
    nested = application["Resources"][name]["Properties"]
    asked = load(ROOT / nested["TemplateURL"])["Parameters"]
    assert nested["Parameters"].keys() == asked.keys()
    for parameter, given in nested["Parameters"].items():
        if parameter in application["Resources"]:  # no queue is watched under another's name
            assert parameter in (given.get("Ref"), *given.get("Fn::GetAtt", [None])[:1])


def test_the_namespace_is_the_one_that_functions_write_to(application: Json) -> None:
    variables = application["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == {"Fn::Sub": "Census/${AWS::StackName}"}
    for name in ("Alarms", "Dashboard"):
        given = application["Resources"][name]["Properties"]["Parameters"]["Application"]
        assert given == {"Ref": "AWS::StackName"}


def test_the_dashboard_begins_with_every_alarm(document: Json, dashboard: Json) -> None:
    shown = next(w for w in widgets(dashboard) if w["type"] == "alarm")["properties"]["alarms"]
    assert [arn.rpartition("${Application}-")[2] for arn in shown] == list(alarms(document))
    for name, alarm in alarms(document).items():
        assert alarm["AlarmName"] == {"Fn::Sub": "${Application}-" + name}


def test_no_widget_covers_another(dashboard: Json) -> None:
    taken: set[tuple[int, int]] = set()
    for widget in widgets(dashboard):
        cells = {
            (widget["x"] + x, widget["y"] + y)
            for x in range(widget["width"])
            for y in range(widget["height"])
        }
        assert not taken & cells
        assert max(x for x, _ in cells) < 24
        taken |= cells


def test_every_measure_is_provoked_by_a_test() -> None:
    folder = Path(__file__).parent
    tests = "".join(path.read_text("utf-8") for path in folder.glob("test_*.py"))
    source = (ROOT / "layers/core/census/domain/measures.py").read_text("utf-8")
    names = re.findall(r"^([A-Z_]+) = Measure\(", source, re.M)
    assert len(names) == len(MEASURES)
    assert [name for name in names if not _is_asserted(name, tests)] == []


def _is_asserted(name: str, tests: str) -> bool:
    """Whether a test looks at values of the measure: as recorded, or in a line of the log."""
    recorded = re.search(rf"(total|values)\(\s*measures\.{name}\b", tests)
    return recorded is not None or f'line["{getattr(measures, name).name}"]' in tests
