"""moto's own server application, called in process: one Request in, one Response out."""

from __future__ import annotations

import sys
from urllib.parse import unquote_to_bytes

from moto.core.config import default_user_config
from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from werkzeug.test import run_wsgi_app

from infra.local.deployment import ACCOUNT, REGION
from infra.local.loopback_server import HOST, Request, Response

HOP_BY_HOP = {"connection", "transfer-encoding", "date", "server"}


class MotoApp:
    """A fresh cloud. moto keeps its state in the process, so that there is one of these at a time."""

    def __init__(self) -> None:
        default_user_config["stepfunctions"]["execute_state_machine"] = True
        moto_api_backend.reset()
        stepfunctions_parser_backends[ACCOUNT][REGION].reset()
        self._application = DomainDispatcherApplication(create_backend_app)

    def forward(self, request: Request) -> Response:
        """What moto answers; the body is held in memory."""
        body, status, headers = run_wsgi_app(self._application, _environ(request))
        kept = [(name, value) for name, value in headers if name.lower() not in HOP_BY_HOP]
        return Response(int(status.split(" ", 1)[0]), b"".join(body), kept)


def _environ(request: Request) -> dict[str, object]:
    environ: dict[str, object] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": request.query,
        "REQUEST_URI": request.target,
        "RAW_URI": request.target,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.client,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": request.body,
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    return environ | _header_environ(request)


def _header_environ(request: Request) -> dict[str, object]:
    environ: dict[str, object] = {}
    preserved: dict[str, str] = {}
    for name, value in request.headers.items():
        key = environ_key_for_header(name)
        if should_preserve_original_header_name(name):
            preserved.setdefault(key, name)
        environ[key] = value
    return {**environ, PRESERVED_HEADER_NAMES_ENVIRON_KEY: preserved}
