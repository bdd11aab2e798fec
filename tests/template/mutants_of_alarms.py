"""Mutants of the alarms, and of what they are given."""

from typing import Any

from infra.gates.application import Application
from tests.template.parts import Mutants, body, change


def alarm(app: Application, name: str) -> dict[str, Any]:
    """The properties of an alarm."""
    found: dict[str, Any] = app.nested["Alarms"]["Resources"][name]["Properties"]
    return found


ALARMS: Mutants = {
    "an alarm on a metric that nobody emits": (
        "alarms_watch_what_is_emitted",
        lambda app: change(alarm(app, "JobsFailed"), MetricName="JobsEndedBadly"),
    ),
    "an alarm on a dimension that nobody emits": (
        "alarms_watch_what_is_emitted",
        lambda app: change(alarm(app, "JobsFailed"), Dimensions=[]),
    ),
    "an alarm in another's namespace": (
        "alarms_watch_what_is_emitted",
        lambda app: change(alarm(app, "JobsFailed"), Namespace="Census"),
    ),
    "an alarm without an action": (
        "alarms_tell_somebody",
        lambda app: alarm(app, "JobsFailed").pop("AlarmActions"),
    ),
    "an alarm switched off": (
        "alarms_tell_somebody",
        lambda app: change(alarm(app, "JobsFailed"), ActionsEnabled=False),
    ),
    "a topic nobody reads": (
        "alarms_tell_somebody",
        lambda app: app.nested["Alarms"]["Resources"].pop("AlarmSubscription"),
    ),
    "a topic CloudWatch may not publish to": (
        "alarms_tell_somebody",
        lambda app: app.nested["Alarms"]["Resources"].pop("AlarmTopicPolicy"),
    ),
    "an alarm that does not say what to do": (
        "alarms_say_what_to_do",
        lambda app: change(alarm(app, "JobsFailed"), AlarmDescription="Jobs failed."),
    ),
    "an alarm whose section was renamed": (
        "alarms_say_what_to_do",
        lambda app: change(
            alarm(app, "JobsFailed"), AlarmDescription="First step: look. docs/runbook.md, 'Failing jobs'."
        ),
    ),
    "a new queue without an alarm": (
        "every_queue_is_watched",
        lambda app: app.resources.update(OtherDeadLetters=app.resources["MapDeadLetters"]),
    ),
    "a queue watched under another's name": (
        "nested_stacks_get_what_they_ask_for",
        lambda app: change(
            body(app, "Alarms")["Parameters"], MapQueue={"Fn::GetAtt": ["IngestQueue", "QueueName"]}
        ),
    ),
    "an alarm stack that lacks a parameter": (
        "nested_stacks_get_what_they_ask_for",
        lambda app: body(app, "Alarms")["Parameters"].pop("AlarmEmail"),
    ),
}
