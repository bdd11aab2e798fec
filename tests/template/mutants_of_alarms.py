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
    "a topic CloudWatch cannot encrypt for": (
        "alarms_tell_somebody",
        lambda app: change(
            app.nested["Alarms"]["Resources"]["AlarmTopic"]["Properties"], KmsMasterKeyId="alias/aws/sns"
        ),
    ),
    "a topic for another account's alarms": (
        "alarms_tell_somebody",
        lambda app: change(
            app.nested["Alarms"]["Resources"]["AlarmTopicPolicy"]["Properties"]["PolicyDocument"][
                "Statement"
            ][0],
            Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}},
        ),
    ),
    "an address that is called by text message": (
        "alarms_tell_somebody",
        lambda app: change(
            app.nested["Alarms"]["Resources"]["AlarmSubscription"]["Properties"], Protocol="sms"
        ),
    ),
    "a threshold never reached": (
        "alarms_ring_in_time",
        lambda app: change(alarm(app, "StuckFiles"), Threshold=100),
    ),
    "a comparison turned round": (
        "alarms_let_people_sleep",
        lambda app: change(alarm(app, "SweepMissing"), ComparisonOperator="GreaterThanOrEqualToThreshold"),
    ),
    "a sweep whose absence counts as well": (
        "alarms_ring_in_time",
        lambda app: change(alarm(app, "SweepMissing"), TreatMissingData="notBreaching"),
    ),
    "dead letters noticed the next day": (
        "alarms_ring_in_time",
        lambda app: change(alarm(app, "MapDeadLettersWait"), Period=86_400),
    ),
    "the least of what is stuck": (
        "alarms_ring_in_time",
        lambda app: change(alarm(app, "StuckJobs"), Threshold=2, Statistic="SampleCount", Period=60),
    ),
    "messages that may wait a day": (
        "alarms_ring_in_time",
        lambda app: change(
            alarm(app, "MapQueueStands")["Metrics"][0],
            Expression="IF(age > 86400 AND FILL(deleted, 0) == 0, 1, 0)",
        ),
    ),
    "a queue whose silence counts as deleting": (
        "alarms_ring_in_time",
        lambda app: change(
            alarm(app, "MapQueueStands")["Metrics"][0], Expression="IF(age > 600 AND deleted == 0, 1, 0)"
        ),
    ),
    "executions that run into their time-out unseen": (
        "alarms_ring_in_time",
        lambda app: change(alarm(app, "StateMachineFailed")["Metrics"][0], Expression="failed"),
    ),
    "an hour's spending against a day's limit": (
        "alarms_ring_in_time",
        lambda app: change(alarm(app, "SpendingHigh"), Period=3600),
    ),
    "an outage of an hour before anybody hears": (
        "alarms_ring_in_time",
        lambda app: change(alarm(app, "DatabaseUnavailable"), EvaluationPeriods=12, DatapointsToAlarm=12),
    ),
    "a slow tail hidden in the mean": (
        "alarms_ring_in_time",
        lambda app: change(alarm(app, "ApiSlow"), Statistic="Average"),
    ),
    "an alarm nobody thought about": (
        "alarms_ring_in_time",
        lambda app: app.nested["Alarms"]["Resources"].update(
            Another=app.nested["Alarms"]["Resources"]["JobsFailed"]
        ),
    ),
    "milliseconds taken for seconds": (
        "alarms_let_people_sleep",
        lambda app: change(alarm(app, "ApiSlow"), Threshold=20),
    ),
    "a long queue that moves": (
        "alarms_let_people_sleep",
        lambda app: change(alarm(app, "MapQueueStands")["Metrics"][0], Expression="IF(age > 600, 1, 0)"),
    ),
    "silence that rings": (
        "alarms_let_people_sleep",
        lambda app: change(alarm(app, "IngestQueueStands"), TreatMissingData="breaching"),
    ),
    "a single error of a worker, which is tried again": (
        "alarms_let_people_sleep",
        lambda app: change(alarm(app, "WorkErrors"), Threshold=1, DatapointsToAlarm=1, EvaluationPeriods=1),
    ),
    "dead letters that are being drained": (
        "alarms_let_people_sleep",
        lambda app: change(
            alarm(app, "MapDeadLettersWait"), Period=60, EvaluationPeriods=180, DatapointsToAlarm=1
        ),
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
