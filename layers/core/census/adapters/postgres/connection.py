"""How a connection is made: TLS verified unless the URL says otherwise, and errors that say what to do.

The URL's `sslmode`, which pg8000 does not know:

    (none), require, verify-ca, verify-full   TLS, the certificate verified
    no-verify                                 TLS, whoever answers
    disable                                   plain text

`sslrootcert` names a file of certificate authorities, is their PEM text, or `system`. A Unix
socket needs no TLS.
"""

import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pg8000.dbapi
from pg8000.exceptions import DatabaseError, InterfaceError
from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from census.domain.errors import UnavailableError

CONNECT_SECONDS = 10
VERIFIED = {None, "require", "verify-ca", "verify-full"}
_OF_OTHER_DRIVERS = ("channel_binding", "connect_timeout", "target_session_attrs", "pgbouncer")
"""What hosted servers put into their URLs, and whose absence changes nothing here."""

_UNDERSTOOD = {"unix_sock", "application_name", "options"}
Address = str | Callable[[], str]
"""A URL, or what reads the URL anew at each call: a secret that is rotated."""

_LOGIN_REFUSED = ("28P01", "28000")


class DatabaseRefusedError(UnavailableError):
    """The database cannot be used as it is configured: what is wrong and what to do, in one line."""


class LoginRefusedError(DatabaseRefusedError):
    """The server knows no such login, or its password is another."""


class _Connection(pg8000.dbapi.Connection):  # type: ignore[misc]  # it has no types
    """One that can be closed after its server is gone; the pool would log a traceback for each otherwise."""

    def close(self) -> None:
        with suppress(InterfaceError):
            super().close()


class Connector:
    """Opens pg8000 connections. A refused login is tried once more with a freshly read address."""

    def __init__(self, address: Address, *, read_seconds: float | None = None) -> None:
        self._address = address
        self._read_seconds = read_seconds
        self._url: URL | None = None

    def __call__(self) -> Any:
        """A new DBAPI connection. Raises DatabaseRefusedError and UnavailableError."""
        known = self._url is not None
        try:
            return self._open(self._url or self._read())
        except LoginRefusedError:
            if not (known and callable(self._address)):
                raise
        return self._open(self._read())

    def _read(self) -> URL:
        given = self._address() if callable(self._address) else self._address
        self._url = parse_address(given)
        return self._url

    def _open(self, url: URL) -> Any:
        arguments = connect_arguments(url)
        try:
            connection = _Connection(**arguments)
        except (DatabaseError, InterfaceError, OSError) as error:
            raise explained(error, url) from error
        # A server that vanished without a word would keep the socket waiting for ever.
        connection._usock.settimeout(self._read_seconds)
        return connection


def parse_address(address: str) -> URL:
    """The URL, for pg8000 whatever driver it names. Raises DatabaseRefusedError."""
    try:
        url = make_url(address.strip())
    except (ArgumentError, ValueError):
        raise DatabaseRefusedError(
            "The database's address is no URL; it looks like postgresql://user:password@host:5432/name."
        ) from None
    if not url.drivername.startswith("postgres"):
        raise DatabaseRefusedError(f"The database must be PostgreSQL, not {url.drivername}.")
    return url.set(drivername="postgresql+pg8000")


def connect_arguments(url: URL) -> dict[str, Any]:
    """What pg8000 is called with. Raises DatabaseRefusedError for parameters that cannot be used."""
    query = {name: value if isinstance(value, str) else value[-1] for name, value in url.query.items()}
    mode, authorities = query.pop("sslmode", None), query.pop("sslrootcert", None)
    for name in _OF_OTHER_DRIVERS:
        query.pop(name, None)
    _refuse_unusable(url, query)
    arguments: dict[str, Any] = {"application_name": "census", **query, "timeout": CONNECT_SECONDS}
    if options := arguments.pop("options", None):
        arguments["startup_params"] = {"options": options}
    arguments.update(user=url.username, password=url.password, database=url.database)
    if "unix_sock" in query:
        return {**arguments, "ssl_context": False}
    place = {"host": url.host or "localhost", "port": url.port or 5432}
    return {**arguments, **place, "ssl_context": _tls(mode, authorities)}


def _refuse_unusable(url: URL, query: dict[str, str]) -> None:
    """A parameter that would be ignored may have named another server, schema or certificate."""
    if "@" in (url.host or ""):
        raise DatabaseRefusedError(
            "The database's address has two @: write the password's signs as % and two digits (@ is %40)."
        )
    if not url.username:
        raise DatabaseRefusedError(
            "The database's address names no user; it looks like postgresql://user:password@host:5432/name."
        )
    if unknown := sorted(set(query) - _UNDERSTOOD):
        raise DatabaseRefusedError(
            f"The database's address sets {', '.join(unknown)}, which nothing here understands: take it out. "
            "A socket is named by unix_sock=/path/.s.PGSQL.5432."
        )


def _tls(mode: str | None, authorities: str | None) -> ssl.SSLContext | bool:
    if mode == "disable":
        return False
    if mode not in VERIFIED and mode != "no-verify":
        raise DatabaseRefusedError(
            f"sslmode={mode} is not used here, for it may fall back to plain text: leave "
            "it out for verified TLS, "
            "or say no-verify or disable."
        )
    if authorities == "system":  # as libpq has it since version 16
        authorities = None
    try:
        pem = authorities if authorities and authorities.startswith("-----BEGIN") else None
        context = ssl.create_default_context(cafile=None if pem else authorities, cadata=pem)
    except (OSError, ssl.SSLError) as error:
        raise DatabaseRefusedError(f"sslrootcert={authorities} cannot be read: {error}.") from error
    context.check_hostname = mode not in ("no-verify", "verify-ca")
    if mode == "no-verify":
        context.verify_mode = ssl.CERT_NONE
    return context


def explained(error: Exception, url: URL) -> UnavailableError:
    """Why no connection came about, in one line, without the password."""
    unix_sock = url.query.get("unix_sock")
    place = str(unix_sock) if unix_sock else f"{url.host or 'localhost'}:{url.port or 5432}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return DatabaseRefusedError(
            f"The certificate of {place} cannot be verified ({error.verify_message}): "
            "name its authority with "
            "sslrootcert=…, or add sslmode=no-verify to do without."
        )
    if isinstance(error, InterfaceError) and "refuses SSL" in str(error):
        return DatabaseRefusedError(
            f"The database at {place} does not speak TLS: turn it on there, or add "
            "sslmode=disable to the URL if "
            "the network between is yours."
        )
    code, message = _first_word(error)
    if code in _LOGIN_REFUSED:
        return LoginRefusedError(
            f"The database at {place} refuses the login {url.username}: {message}. Check user and password."
        )
    if code:
        return DatabaseRefusedError(f"The database at {place} refuses the connection: {message} ({code}).")
    cause = error.__cause__ or error
    return UnavailableError(
        f"No PostgreSQL answers at {place}: {cause}. Check the address, and that the network lets it through."
    )


def _first_word(error: BaseException) -> tuple[str | None, str]:
    """What the server said. pg8000 hides it behind a broken pipe where the server hung up at once."""
    link: BaseException | None = error
    while link is not None:
        code, message = server_error(link)
        if code:
            return code, message
        link = link.__cause__ or link.__context__
    return None, str(error)


def server_error(error: BaseException) -> tuple[str | None, str]:
    """SQLSTATE and message of what the server said; no code where the server said nothing."""
    fields = error.args[0] if error.args else None
    if isinstance(fields, dict):
        return str(fields.get("C")), str(fields.get("M"))
    return None, str(error)


def make_engine(address: Address, *, read_seconds: float | None = None, **pool: Any) -> Engine:
    """An engine whose connections this module opens; a server that goes down counts as a lost connection."""
    connector = Connector(address, read_seconds=read_seconds)
    engine = create_engine(
        "postgresql+pg8000://",
        creator=connector,
        hide_parameters=True,  # errors are logged, and parameters may be task tokens or people's words
        **pool,
    )
    event.listen(engine, "handle_error", _notice_lost_connection, retval=True)
    return engine


def _notice_lost_connection(context: Any) -> OperationalError | None:
    """A server that goes down says so in a code; one that is gone shows as the socket's error, bare."""
    error = context.original_exception
    code, _ = server_error(error)
    if code and code.startswith(("08", "57P")):
        context.is_disconnect = True
    if not isinstance(error, OSError):
        return None
    context.is_disconnect = True
    return OperationalError(context.statement, None, error, hide_parameters=True, connection_invalidated=True)
