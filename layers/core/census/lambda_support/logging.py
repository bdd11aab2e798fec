"""JSON logs. Every line of an invocation carries its correlation id; nobody's words are ever logged."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

# The application package logs by `logging.getLogger(__name__)`: its loggers are children of this one.
LOGGER_NAME = "census"


@cache
def logger() -> "Logger":
    """The logger of this process, writing JSON lines to standard output."""
    from aws_lambda_powertools import Logger

    return Logger(service=LOGGER_NAME, utc=True)


def begin_invocation(correlation_id: str, function_name: str) -> "Logger":
    """The logger, its lines marked with `correlation_id` and with nothing of the last invocation."""
    log = logger()
    log.structure_logs(append=False)
    log.set_correlation_id(correlation_id)
    log.append_keys(function=function_name)
    return log
