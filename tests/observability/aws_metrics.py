"""Metrics of AWS that alarms and dashboard may watch, with their dimensions, as AWS documents them.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
"""

AWS_METRICS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "AWS/SQS": (
        frozenset({"QueueName"}),
        frozenset(
            {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible", "NumberOfMessagesDeleted"}
        ),
    ),
    "AWS/Lambda": (
        frozenset({"FunctionName"}),
        frozenset({"Errors", "Throttles", "Invocations", "Duration"}),
    ),
    "AWS/States": (frozenset({"StateMachineArn"}), frozenset({"ExecutionsFailed", "ExecutionsTimedOut"})),
    # An HTTP API: a REST API would call them 5XXError and 4XXError, with the dimension ApiName.
    "AWS/ApiGateway": (frozenset({"ApiId"}), frozenset({"4xx", "5xx", "Count", "Latency"})),
}
"""Namespace → dimensions, names."""
