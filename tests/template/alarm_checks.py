"""Alarms as part of the whole: each watches something real, tells somebody, and says what to do first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from infra.gates.application import Application
from infra.local.template import Json
from tests.observability.watched import alarms, runbook_sections, section_of, watched_by_alarms
from tests.template.cloudwatch import rings
from tests.template.courses import EXPECTED, LIMITS

THREE_HOURS = 180


def _document(app: Application) -> Json:
    return app.nested["Alarms"]


def alarms_watch_what_is_emitted(app: Application) -> Iterator[str]:
    """By the code, or by AWS."""
    for watched in watched_by_alarms(_document(app)):
        if problem := watched.problem():
            yield problem


def alarms_tell_somebody(app: Application) -> Iterator[str]:
    """The topic, which the given address reads and CloudWatch may publish to."""
    for name, alarm in alarms(_document(app)).items():
        if alarm.get("AlarmActions") != [{"Ref": "AlarmTopic"}] or alarm.get("ActionsEnabled") is False:
            yield f"{name}: tells nobody"
    rows = list(_document(app)["Resources"].values())
    read = [row["Properties"] for row in rows if row["Type"] == "AWS::SNS::Subscription"]
    if [(row["TopicArn"], row["Protocol"], row["Endpoint"]) for row in read] != [
        ({"Ref": "AlarmTopic"}, "email", {"Ref": "AlarmEmail"})
    ]:
        yield "AlarmTopic: nobody reads it"
    policies = [row["Properties"]["PolicyDocument"] for row in rows if row["Type"] == "AWS::SNS::TopicPolicy"]
    allowed = [s for policy in policies for s in policy["Statement"] if s["Effect"] == "Allow"]
    ours = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    if [(s["Principal"], s["Condition"]) for s in allowed] != [
        ({"Service": "cloudwatch.amazonaws.com"}, ours)
    ]:
        yield "AlarmTopic: CloudWatch may not publish, or others may"
    for row in rows:
        if row["Type"] == "AWS::SNS::Topic" and "KmsMasterKeyId" in row["Properties"]:
            yield "AlarmTopic: CloudWatch may not use its key"


def alarms_ring_in_time(app: Application) -> Iterator[str]:
    """Each at the events it is there for."""
    found = alarms(_document(app))
    for name in sorted(found.keys() ^ EXPECTED.keys()):
        yield f"{name}: nobody says when it has to ring"
    for name in found.keys() & EXPECTED.keys():
        for minutes, course in EXPECTED[name].rings:
            if not rings(found[name], course, minutes, LIMITS):
                yield f"{name}: does not ring within {minutes} minutes at {sorted(course)}"


def alarms_let_people_sleep(app: Application) -> Iterator[str]:
    """None rings at what happens every day."""
    found = alarms(_document(app))
    for name in found.keys() & EXPECTED.keys():
        for course in EXPECTED[name].silent:
            if rings(found[name], course, THREE_HOURS, LIMITS):
                yield f"{name}: rings at {sorted(course) or 'nothing at all'}"


def alarms_say_what_to_do(app: Application) -> Iterator[str]:
    """The first step, and a section of the runbook."""
    sections = runbook_sections()
    for name, alarm in alarms(_document(app)).items():
        if "First step: " not in alarm["AlarmDescription"] or section_of(alarm) not in sections:
            yield f"{name}: does not say what to do"


def every_queue_is_watched(app: Application) -> Iterator[str]:
    """Dead letters and all."""
    watched = {value for metric in watched_by_alarms(_document(app)) for value in metric.dimensions.values()}
    for name, _ in app.of("AWS::SQS::Queue"):
        if f"${{{name}}}" not in watched:
            yield f"{name}: no alarm watches it"


def nested_stacks_get_what_they_ask_for(app: Application) -> Iterator[str]:
    """Every parameter, and no queue under another's name."""
    for name, nested in app.nested.items():
        given = app.resources[name]["Properties"]["Parameters"]
        for parameter in sorted(given.keys() ^ nested["Parameters"].keys()):
            yield f"{name}: {parameter} is {'not asked for' if parameter in given else 'missing'}"
        for parameter, value in given.items():
            target = value.get("Ref") or value.get("Fn::GetAtt", [""])[0]
            if parameter in app.resources and target != parameter:
                yield f"{name}: {parameter} is {target}"


ALARM_CHECKS: Mapping[str, Callable[[Application], Iterator[str]]] = {
    check.__name__: check
    for check in (
        alarms_watch_what_is_emitted,
        alarms_tell_somebody,
        alarms_ring_in_time,
        alarms_let_people_sleep,
        alarms_say_what_to_do,
        every_queue_is_watched,
        nested_stacks_get_what_they_ask_for,
    )
}
