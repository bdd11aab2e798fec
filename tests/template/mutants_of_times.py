"""Mutants of time-outs and of the state machine."""

from tests.template.parts import Mutants, body, change, state

TIMES: Mutants = {
    "a map invocation shorter than its two model calls": (
        "model_calls_fit_their_function",
        lambda app: change(app.translated["Parameters"]["MapTimeoutSeconds"], Default=50),
    ),
    "a map invocation that ends with its last call and records nothing": (
        "model_calls_fit_their_function",
        lambda app: change(app.translated["Parameters"]["MapTimeoutSeconds"], Default=56),
    ),
    "a model time-out of five minutes": (
        "model_calls_fit_their_function",
        lambda app: change(app.translated["Parameters"]["ModelTimeoutSeconds"], Default=300),
    ),
    "a model call that leaves the API no time to write its answer": (
        "model_calls_fit_their_function",
        lambda app: change(body(app, "ServeApi")["Environment"]["Variables"], MODEL_TIMEOUT_SECONDS="27"),
    ),
    "a visibility shorter than six time-outs": (
        "queues_wait_for_their_function",
        lambda app: change(body(app, "IngestQueue"), VisibilityTimeout=120),
    ),
    "a map queue whose parameter is too small": (
        "queues_wait_for_their_function",
        lambda app: change(app.translated["Parameters"]["MapVisibilitySeconds"], Default=300),
    ),
    "a longer function beside an old queue": (
        "queues_wait_for_their_function",
        lambda app: change(body(app, "ScrapePage"), Timeout=90),
    ),
    "a dead letter queue with the default visibility": (
        "nothing_relies_on_default_times",
        lambda app: body(app, "MapDeadLetters").pop("VisibilityTimeout"),
    ),
    "dead letters kept for four days": (
        "nothing_relies_on_default_times",
        lambda app: body(app, "IngestDeadLetters").pop("MessageRetentionPeriod"),
    ),
    "a function without a time-out": (
        "nothing_relies_on_default_times",
        lambda app: body(app, "SettleJob").pop("Timeout"),
    ),
    "a state that ends before its function": (
        "tasks_wait_for_their_function",
        lambda app: change(state(app, "ReduceJob"), TimeoutSeconds=300),
    ),
    "a machine that ends with the longest deadline": (
        "the_machine_outlasts_every_job",
        lambda app: change(app.machine, TimeoutSeconds=604_800),
    ),
    "deadlines of a month": (
        "the_machine_outlasts_every_job",
        lambda app: change(app.translated["Parameters"]["JobDeadlineSeconds"], MaxValue=2_592_000),
    ),
    "a dispatch that waits a fixed day": (
        "the_machine_outlasts_every_job",
        lambda app: change(state(app, "DispatchBatches"), TimeoutSecondsPath="$.day"),
    ),
    "an API function that outlives its gateway": (
        "the_api_answers_in_time",
        lambda app: change(body(app, "ServeApi"), Timeout=30),
    ),
    "a migration that CloudFormation gives up first": (
        "the_migration_is_waited_for",
        lambda app: change(body(app, "Schema"), ServiceTimeout=120),
    ),
}
WORKFLOW: Mutants = {
    "a Retry removed": ("every_task_expects_trouble", lambda app: state(app, "PlanJob").pop("Retry")),
    "a Retry without a limit": (
        "every_task_expects_trouble",
        lambda app: state(app, "SettleJob")["Retry"][0].pop("MaxAttempts"),
    ),
    "a Catch removed": ("every_task_expects_trouble", lambda app: state(app, "ReduceJob").pop("Catch")),
    "a Catch of time-outs only": (
        "every_task_expects_trouble",
        lambda app: change(state(app, "PlanJob")["Catch"][0], ErrorEquals=["States.Timeout"]),
    ),
    "a task without a time-out": (
        "every_task_expects_trouble",
        lambda app: state(app, "PlanJob").pop("TimeoutSeconds"),
    ),
    "a fan-out without a time-out": (
        "every_task_expects_trouble",
        lambda app: state(app, "DispatchBatches").pop("TimeoutSecondsPath"),
    ),
    "a Next misspelt": (
        "every_state_is_reached",
        lambda app: change(state(app, "DispatchBatches"), Next="ReduceJobs"),
    ),
    "a state cut off": (
        "every_state_is_reached",
        lambda app: change(state(app, "DispatchBatches"), Next="Ended"),
    ),
    "a state that goes nowhere": (
        "every_state_ends_or_goes_on",
        lambda app: state(app, "ReduceJob").pop("Next"),
    ),
    "a placeholder nobody fills": (
        "placeholders_match",
        lambda app: change(state(app, "PlanJob")["Parameters"], FunctionName="${PlanArn}"),
    ),
    "two functions interchanged": (
        "placeholders_match",
        lambda app: change(
            body(app, "AnswerJob")["DefinitionSubstitutions"], PlanJobArn={"Fn::GetAtt": ["ReduceJob", "Arn"]}
        ),
    ),
    "task tokens in the log": (
        "executions_are_logged_without_data",
        lambda app: change(body(app, "AnswerJob")["LoggingConfiguration"], IncludeExecutionData=True),
    ),
    "a state machine that logs nothing": (
        "executions_are_logged_without_data",
        lambda app: body(app, "AnswerJob").pop("LoggingConfiguration"),
    ),
}
