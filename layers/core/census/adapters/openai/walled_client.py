"""An HTTP client whose every step ends with the time that `census.ports.time_left` leaves.

The client's own time-outs are for a single step: a connection, a write, a read. A server that accepts late,
or sends a byte now and then, would pass each of them and outlast the call.
"""

import socket
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any

import httpcore2
import httpx2
from openai import DefaultHttpxClient

from census.ports.time_left import time_left


def walled_client(base_url: str) -> httpx2.Client:
    """The SDK's own client, on connections that keep the time. A proxy of the environment is used as ever."""
    return DefaultHttpxClient(base_url=base_url, transport=_WalledTransport())


class _WalledTransport(httpx2.HTTPTransport):
    def __init__(self) -> None:
        super().__init__(limits=httpx2.Limits(max_connections=1_000, max_keepalive_connections=100))
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(),
            max_connections=1_000,
            max_keepalive_connections=100,
            keepalive_expiry=5.0,
            network_backend=WalledBackend(),
        )


class WalledBackend(httpcore2.SyncBackend):
    """Connects within the time that is left, over all addresses of the host."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """See httpcore2.NetworkBackend. Raises httpcore2.ConnectTimeout and ConnectError."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for number, address in enumerate(addresses, 1):
            bound = _left(timeout, httpcore2.ConnectTimeout)
            try:
                stream = super().connect_tcp(address, port, bound, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(addresses):
                    raise
            else:
                return _WalledStream(stream)
        raise httpcore2.ConnectError(f"{host} has no address")


class _WalledStream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        bound = _left(timeout, httpcore2.ConnectTimeout)
        return _WalledStream(self._stream.start_tls(ssl_context, server_hostname, bound))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, error: type[httpcore2.TimeoutException]) -> float:
    """The shorter of a step's time-out and what is left of the call."""
    seconds = time_left(timeout if timeout is not None else float("inf"))
    if seconds <= 0:
        raise error("The call's time is over.")
    return seconds
