"""Mutants of roles."""

from tests.template.parts import Mutants, body, change, statement

ACCESS: Mutants = {
    "a policy widened to s3:*": (
        "no_action_is_a_wildcard",
        lambda app: change(statement(app, "ServeApiRole", "s3:PutObject"), Action="s3:*"),
    ),
    "a policy by NotAction": (
        "no_action_is_a_wildcard",
        lambda app: change(statement(app, "ServeApiRole", "s3:PutObject"), NotAction=["iam:*"]),
    ),
    "every queue instead of one": (
        "resources_are_named",
        lambda app: change(statement(app, "DispatchBatchesRole", "sqs:SendMessage"), Resource="*"),
    ),
    "every queue of the account": (
        "resources_are_named",
        lambda app: change(
            statement(app, "DispatchBatchesRole", "sqs:SendMessage"),
            Resource="arn:aws:sqs:us-east-1:123456789012:*",
        ),
    ),
    "AWS's wide policy for queues": (
        "every_function_has_a_role_of_its_own",
        lambda app: body(app, "MapBatchRole")["ManagedPolicyArns"].append(
            "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"
        ),
    ),
    "a role shared by two functions": (
        "every_function_has_a_role_of_its_own",
        lambda app: change(body(app, "PlanJob"), Role={"Fn::GetAtt": ["ReduceJobRole", "Arn"]}),
    ),
    "a role anybody of the account may take": (
        "only_services_take_roles",
        lambda app: change(
            body(app, "ServeApiRole")["AssumeRolePolicyDocument"]["Statement"][0], Principal={"AWS": "*"}
        ),
    ),
    "every secret readable": (
        "only_the_given_secrets_are_read",
        lambda app: change(
            body(app, "ModelKeys")["PolicyDocument"]["Statement"][0],
            Resource="arn:aws:secretsmanager:us-east-1:123456789012:secret:other-a1b2c3",
        ),
    ),
    "a model key nobody may read": (
        "only_the_given_secrets_are_read",
        lambda app: body(app, "ModelKeys")["PolicyDocument"]["Statement"].clear(),
    ),
    "a secret resolved into the environment": (
        "no_secret_stands_in_the_environment",
        lambda app: change(
            body(app, "MapBatch")["Environment"]["Variables"],
            MODEL_NAME={"Fn::Sub": "{{resolve:secretsmanager:${ModelKeySecretArn}}}"},
        ),
    ),
    "a password in the environment": (
        "no_secret_stands_in_the_environment",
        lambda app: change(
            body(app, "PlanJob")["Environment"]["Variables"], DATABASE_URL="postgresql://u:p@h/d"
        ),
    ),
    "a function that may not read its queue": (
        "whoever_is_fed_by_a_queue_may_read_it",
        lambda app: statement(app, "MapBatchRole", "sqs:ReceiveMessage")["Action"].remove(
            "sqs:ReceiveMessage"
        ),
    ),
    "a function that may empty another's queue": (
        "whoever_is_fed_by_a_queue_may_read_it",
        lambda app: statement(app, "ScrapePageRole", "sqs:DeleteMessage").update(
            Resource=[{"Fn::GetAtt": [name, "Arn"]} for name in ("ScrapeQueue", "IngestQueue")]
        ),
    ),
    "an ingestion that may not write what it unpacks": (
        "archives_can_be_unpacked",
        lambda app: change(statement(app, "DrainDeadLettersRole", "s3:PutObject"), Action="s3:GetObject"),
    ),
    "a sweep that may not delete objects": (
        "whoever_delivers_the_outbox_may_delete",
        lambda app: change(
            statement(app, "ReconcileWorkRole", "s3:DeleteObjectVersion"), Action="s3:GetObject"
        ),
    ),
    "a sweep that may not list versions": (
        "whoever_delivers_the_outbox_may_delete",
        lambda app: change(
            statement(app, "ReconcileWorkRole", "s3:ListBucketVersions"), Action="s3:ListBucket"
        ),
    ),
    "an ingestion that leaves exports of what it replaces": (
        "whoever_delivers_the_outbox_may_delete",
        lambda app: statement(app, "IngestFileRole", "s3:DeleteObjectVersion")["Resource"].pop(),
    ),
    "a dispatcher that may not send batches": (
        "functions_may_do_their_work",
        lambda app: statement(app, "DispatchBatchesRole", "sqs:SendMessage")["Resource"].pop(0),
    ),
    "a drain that may not give a dead letter its run alone": (
        "functions_may_do_their_work",
        lambda app: statement(app, "DrainDeadLettersRole", "sqs:GetQueueUrl")["Action"].remove(
            "sqs:SendMessage"
        ),
    ),
    "a worker that may read uploads": (
        "functions_may_do_their_work",
        lambda app: body(app, "MapBatchRole")["Policies"][0]["PolicyDocument"]["Statement"].append(
            statement(app, "IngestFileRole", "s3:GetObject")
        ),
    ),
    "a plan without the model's key": (
        "functions_carry_what_they_all_need",
        lambda app: body(app, "PlanJobRole")["ManagedPolicyArns"].pop(),
    ),
    "a migration that may not read the database's secret": (
        "functions_carry_what_they_all_need",
        lambda app: body(app, "MigrateDatabaseRole")["ManagedPolicyArns"].pop(0),
    ),
    "a state machine that may invoke the migration": (
        "the_machine_invokes_its_functions_only",
        lambda app: statement(app, "AnswerJobRole", "lambda:InvokeFunction")["Resource"].append(
            {"Fn::GetAtt": ["MigrateDatabase", "Arn"]}
        ),
    ),
    "a state machine that may not settle": (
        "the_machine_invokes_its_functions_only",
        lambda app: statement(app, "AnswerJobRole", "lambda:InvokeFunction")["Resource"].pop(),
    ),
}
