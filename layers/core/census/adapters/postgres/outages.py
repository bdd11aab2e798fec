"""A database that does not answer, told in our words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from census.domain.errors import UnavailableError

# Connections that fail, no such database, resources that run out, a server that goes down or comes up.
_OUTAGES = ("08", "3D", "53", "57P")
# A lock or a statement took too long, or two transactions waited for each other: the server took the
# transaction back whole, and the same again may succeed.
_BUSY = ("55P03", "57014", "40P01")


@contextmanager
def translated_outages(noticed: Callable[[], None] = lambda: None) -> Iterator[None]:
    """No connection, a lost one, a server going down or too busy becomes UnavailableError; the rest stays.

    `noticed` is called for each of them.
    """
    try:
        yield
    except TimeoutError as error:
        noticed()
        raise UnavailableError(f"All connections to the database are in use: {error}") from error
    except DBAPIError as error:
        if not _is_outage(error):
            raise
        noticed()
        raise UnavailableError(f"The database does not answer: {error.orig}") from error


def _is_outage(error: DBAPIError) -> bool:
    if error.connection_invalidated or isinstance(error, InterfaceError | OperationalError):
        return True
    told = error.orig.args[0] if error.orig is not None and error.orig.args else None
    code = str(told.get("C", "")) if isinstance(told, dict) else ""
    return code.startswith(_OUTAGES) or code in _BUSY
