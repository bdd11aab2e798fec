"""One request to one checked address, and what its failure means."""

import datetime as dt
import functools
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from ipaddress import ip_network

import certifi
import httpcore
from ssrfguard import Policy, Resolver, SSRFGuardError

from census.adapters.page_fetching.deadline import Deadline, DeadlineBackend
from census.domain.page_errors import PageBusyError, PageCode, PageFetchError

USER_AGENT = "CensusBot/1.0 (fetches single pages that its users ask for; obeys robots.txt)"
CONNECT_SECONDS = 5.0
STALL_SECONDS = 10.0
_TIMEOUTS = {"connect": CONNECT_SECONDS, "read": STALL_SECONDS, "write": STALL_SECONDS, "pool": STALL_SECONDS}
_PRIVATE = (
    *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"),
    *("::1/128", "fc00::/7"),
)
_ACCEPTED = "text/html, application/pdf, text/plain, */*;q=0.1"
_BLOCKED = (
    "The URL, or a page it redirects to, leads to an address that is not public or to a port other than 80 "
    "and 443. Census connects to neither; save the page as a file and upload it with POST /files."
)


def page_policy(*, allow_private_addresses: bool) -> Policy:
    """Where pages may come from: public addresses, ports 80 and 443.

    With `allow_private_addresses`, for tests and one machine, loopback and private networks on any port too;
    link-local ones, where clouds keep credentials, never.
    """
    if not allow_private_addresses:
        return Policy(max_connection_attempts=2)
    return Policy(
        max_connection_attempts=2,
        allowed_networks=tuple(ip_network(network) for network in _PRIVATE),
        allowed_ports=frozenset(range(1, 65_536)),
    )


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Certificates are checked against the authorities that come with certifi. Made once: it takes 20 ms."""
    return ssl.create_default_context(cafile=certifi.where())


@contextmanager
def exchange(
    policy: Policy, resolver: Resolver, url: str, headers: Mapping[str, str], deadline: Deadline
) -> Iterator[httpcore.Response]:
    """The answer to GET, its body unread; nothing is followed, kept or sent along.

    Raises PageFetchError, also for what goes wrong while the body is read within the block.
    """
    sent: list[tuple[bytes | str, bytes | str]] = [("User-Agent", USER_AGENT), ("Accept", _ACCEPTED)]
    sent.extend(headers.items())
    with _translated():
        policy.check_url(url)
        backend = DeadlineBackend(policy, resolver, deadline)
        with (
            httpcore.ConnectionPool(ssl_context=tls_context(), network_backend=backend) as pool,
            pool.stream("GET", url, headers=sent, extensions={"timeout": _TIMEOUTS}) as response,
        ):
            yield response


def header(response: httpcore.Response, name: str) -> str | None:
    """The first header of this name; names compare without case."""
    wanted = name.lower().encode()
    found = (value for key, value in response.headers if key.lower() == wanted)
    value = next(found, None)
    return None if value is None else value.decode("latin-1").strip()


def retry_after(response: httpcore.Response) -> float | None:
    """Seconds a server asks to wait, given as a number or as a date; None where it asks for nothing."""
    told = header(response, "Retry-After") or ""
    if told.isascii() and told.isdecimal():
        return float(told[:9])
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=dt.UTC)
    return max(0.0, (until - dt.datetime.now(dt.UTC)).total_seconds())


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SSRFGuardError as error:
        raise PageFetchError(PageCode.BLOCKED_ADDRESS, _BLOCKED) from error
    except httpcore.TimeoutException as error:
        message = "The page's server did not answer in time."
        raise PageBusyError(PageCode.TIMED_OUT, message) from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        reason = str(error)[:200] or type(error).__name__
        raise PageBusyError(
            PageCode.UNREACHABLE, f"The page's server cannot be reached or breaks off: {reason}."
        ) from error
