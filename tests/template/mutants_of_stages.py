"""Mutants of samconfig.toml, and of what only a deployment would refuse."""

from tests.template.parts import Mutants, body, change, statement, variables

STAGES: Mutants = {
    "two stages in one stack": (
        "stages_stand_beside_each_other",
        lambda app: change(app.stages["staging"]["global"]["parameters"], stack_name="census-prod"),
    ),
    "artefacts of one stage in another's place": (
        "stages_stand_beside_each_other",
        lambda app: change(app.stages["prod"]["deploy"]["parameters"], s3_prefix="census-dev"),
    ),
    "a stage that may not make roles": (
        "stages_stand_beside_each_other",
        lambda app: app.stages["prod"]["deploy"]["parameters"].pop("capabilities"),
    ),
    "a production that changes unasked": (
        "stages_stand_beside_each_other",
        lambda app: change(app.stages["prod"]["deploy"]["parameters"], confirm_changeset=False),
    ),
    "a stage that was forgotten": ("stages_stand_beside_each_other", lambda app: app.stages.pop("staging")),
    "a parameter of a stage misspelt": (
        "stages_make_sense",
        lambda app: change(
            app.stages["staging"]["deploy"]["parameters"], parameter_overrides="LogRetention=14"
        ),
    ),
    "a value of a stage out of bounds": (
        "stages_make_sense",
        lambda app: change(
            app.stages["staging"]["deploy"]["parameters"], parameter_overrides="LogRetentionDays=15"
        ),
    ),
    "figures of a stage that contradict each other": (
        "stages_make_sense",
        lambda app: change(
            app.stages["prod"]["deploy"]["parameters"], parameter_overrides="ModelCallsInFlight=64"
        ),
    ),
}
LIMITS: Mutants = {
    "a bucket and a queue's policy that wait for each other": (
        "nothing_waits_for_itself",
        lambda app: change(
            body(app, "IngestQueuePolicy")["PolicyDocument"]["Statement"][0],
            Condition={"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["DocumentsBucket", "Arn"]}}},
        ),
    ),
    "a migration that knows the state machine, which waits for it": (
        "nothing_waits_for_itself",
        lambda app: change(variables(app, "MigrateDatabase"), STATE_MACHINE_ARN={"Ref": "AnswerJob"}),
    ),
    "prices that fill a function's environment": (
        "environments_fit_lambda",
        lambda app: change(app.translated["Parameters"]["ModelPrices"], MaxLength=4000),
    ),
    "a policy longer than IAM takes": (
        "policies_fit_iam",
        lambda app: change(
            statement(app, "ServeApiRole", "sqs:SendMessage"),
            Resource=[f"arn:aws:sqs:::{n:060}" for n in range(160)],
        ),
    ),
    "an alarm's text longer than CloudWatch takes": (
        "stacks_fit_cloudformation",
        lambda app: change(
            app.nested["Alarms"]["Resources"]["JobsFailed"]["Properties"],
            AlarmDescription="First step: " + "x" * 1100,
        ),
    ),
}
