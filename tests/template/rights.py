"""Rights that a run on one machine cannot show, each with its reason."""

ALSO_NEEDED = {
    "logs:CreateLogStream": "Lambda writes the logs in the function's name",
    "logs:PutLogEvents": "as above",
    "xray:PutTraceSegments": "Lambda sends the traces in the function's name",
    "xray:PutTelemetryRecords": "as above",
    "secretsmanager:GetSecretValue": "one machine gives the database's address and the keys directly",
    "ec2:CreateNetworkInterface": "only in a VPC, by Lambda in the function's name",
    "ec2:DescribeNetworkInterfaces": "as above",
    "ec2:DescribeSubnets": "as above",
    "ec2:DeleteNetworkInterface": "as above",
    "ec2:AssignPrivateIpAddresses": "as above",
    "ec2:UnassignPrivateIpAddresses": "as above",
}
_POLLED = {
    "sqs:ReceiveMessage": "Lambda polls the queue in the function's name",
    "sqs:DeleteMessage": "as above",
    "sqs:GetQueueAttributes": "as above",
}
_REREAD = {
    "s3:GetObject": "an event without a version reads the newest",
    "s3:GetObjectVersion": "reads exactly the version that was announced",
    "s3:ListBucket": "so that a missing object is answered with 404, not with 403",
    "s3:ListBucketVersions": "deletes an upload whose row is gone, all versions of it",
    "s3:DeleteObjectVersion": "as above; and objects of a file that was replaced",
    "s3:PutObject": "the files of an archive",
}
_TOKENS = {
    "states:SendTaskSuccess": "the last batch answers the token; which function records it, chance decides",
    "states:SendTaskFailure": "an overtaken or cancelled job's token",
}
NEEDED_ELSEWHERE = {
    "ServeApi": {
        "s3:PutObject": "signed into upload forms; exports of many rows",
        "s3:GetObject": "signed into links to exports",
        "s3:DeleteObjectVersion": "deleting a file deletes its object",
        "s3:ListBucketVersions": "as above",
        "states:StartExecution": "starts a job's execution",
        "states:StopExecution": "cancelling stops it",
        "sqs:SendMessage": "hints to ingestion, scraping and reconcile",
    },
    "IngestFile": {
        **_POLLED,
        **_REREAD,
        "sqs:SendMessage": "a file that has to wait",
    },
    "ScrapePage": {**_POLLED, "sqs:SendMessage": "pages of a crawl, and pages that wait for their site"},
    "DispatchBatches": {**_TOKENS, "sqs:SendMessage": "batches"},
    "MapBatch": {**_POLLED, **_TOKENS, "sqs:SendMessage": "a batch that the model had no room for"},
    "ReconcileWork": {
        **_POLLED,
        **_TOKENS,
        "sqs:SendMessage": "lost batches, files and pages; its own next look",
        "states:StartExecution": "an execution that is gone is started anew",
        "states:DescribeExecution": "whether an execution still runs",
        "states:StopExecution": "a job whose deadline has passed",
        "s3:ListBucketVersions": "delivers the outbox of deletions: every version of an object",
        "s3:DeleteObjectVersion": "as above",
    },
    "DrainDeadLetters": {
        **_POLLED,
        **_REREAD,
        **_TOKENS,
        "sqs:SendMessage": "what runs alone, and files, pages and batches that wait",
        "sqs:GetQueueUrl": "the queue that a dead letter came from, for its run alone",
    },
}
