"""The parts of the local cloud, put together for one deployment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.local.aws_endpoint import AwsEndpoint
from infra.local.counters import Counters
from infra.local.deploy import deploy
from infra.local.deployment import ACCESS_KEY, REGION, SECRET_KEY, Deployment, Function
from infra.local.folders import Folders
from infra.local.function_processes import FunctionProcesses
from infra.local.lambda_api import LambdaApi
from infra.local.lambda_runtime import ProcessSettings
from infra.local.moto_app import MotoApp
from infra.local.object_archive import ObjectArchive
from infra.local.object_store import ObjectStore
from infra.local.queue_poller import QueuePoller
from infra.local.queues import Queues
from infra.local.s3_gate import S3Gate
from infra.local.schedule import ScheduleClock
from infra.local.state_machines import StateMachines
from infra.local.template import TemplateError

DIRECT_CONCURRENCY = 4
"""Processes a function may have for calls that come from no queue (HTTP, state machine, schedule)."""


class Cloud:
    """Deployed at construction; `start` makes functions callable, `start_work` lets messages flow."""

    def __init__(
        self,
        translated: dict[str, Any],
        parameters: Mapping[str, str],
        folders: Folders,
        data: Path,
        counters: Counters,
    ) -> None:
        self._moto = MotoApp()
        self._folders = folders
        self._data = data
        self._counters = counters
        self.deployment: Deployment = deploy(translated, parameters, folders.root)
        self._endpoint = AwsEndpoint(self._moto, counters)
        self._store = ObjectStore(self.deployment.buckets, ObjectArchive(data / "objects"))
        self.queues = Queues(self._moto, counters)
        self._functions: FunctionProcesses | None = None
        self._machines: StateMachines | None = None
        self._pollers: list[QueuePoller] = []
        self._clocks: list[ScheduleClock] = []

    @property
    def endpoint_url(self) -> str:
        """The address for AWS clients."""
        return self._endpoint.url

    @property
    def functions(self) -> FunctionProcesses:
        assert self._functions is not None, "start() comes first"
        return self._functions

    @property
    def machines(self) -> StateMachines:
        assert self._machines is not None, "start() comes first"
        return self._machines

    def load_objects(self) -> int:
        """Brings back the objects of earlier runs; returns the number of versions."""
        return self._store.load()

    def start(self, environment: Mapping[str, str]) -> None:
        """Opens the endpoint. `environment` is added to every function's own."""
        run_file = self._data / "run" / "functions.json"
        pools = {
            name: self._pool(function, environment) for name, function in self.deployment.functions.items()
        }
        self._functions = FunctionProcesses(pools, run_file, self._counters)
        self._machines = StateMachines(self._moto, self._functions)
        for machine in self.deployment.state_machines:
            self._machines.create(machine)
        gate = S3Gate(self._moto, self._store, self.queues)
        self._endpoint.start(self.queues, self._machines, gate, LambdaApi(self._functions))
        for bucket in self.deployment.buckets:
            gate.announce(bucket)

    def start_work(self) -> None:
        """Starts queue pollers and schedules."""
        self._pollers = [
            QueuePoller(mapping, self.queues, self.functions) for mapping in self.deployment.mappings
        ]
        self._clocks = [ScheduleClock(schedule, self.functions) for schedule in self.deployment.schedules]
        for poller in self._pollers:
            poller.start()
        for clock in self._clocks:
            clock.start()

    def stop(self, drain_seconds: float) -> None:
        """Takes no more work, gives what runs `drain_seconds`, then ends every process."""
        for clock in self._clocks:
            clock.stop()
        for poller in self._pollers:
            poller.stop()
        for poller in self._pollers:
            poller.wait(drain_seconds)
        if self._functions is not None:
            self._functions.stop()
        if self._machines is not None:
            self._machines.stop()
        self._endpoint.stop()

    def _pool(self, function: Function, environment: Mapping[str, str]) -> tuple[ProcessSettings, int]:
        folder = self._folders.function(function.code_uri)
        if not folder.is_dir():
            raise TemplateError(f"{function.logical_id}: the folder of its code, {folder}, does not exist")
        settings = ProcessSettings(
            name=function.name,
            arn=function.arn,
            handler=function.handler,
            timeout_seconds=function.timeout_seconds,
            folder=folder,
            environment={**self._base_environment(function, folder), **function.environment, **environment},
            log=self._data / "logs" / f"{function.logical_id}.log",
        )
        fed = Counter[str]()
        for mapping in self.deployment.mappings:
            fed[mapping.function] += mapping.max_concurrency
        return settings, fed[function.logical_id] + DIRECT_CONCURRENCY

    def _base_environment(self, function: Function, folder: Path) -> dict[str, str]:
        """What Lambda itself sets; nothing of the caller's environment gets in."""
        path = self._folders.import_path(function.code_uri, function.layers)
        return {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self._endpoint.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_SDK_UA_APP_ID": function.logical_id,  # so that its requests can be told from others'
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_FORMAT": function.log_format,
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local",
            "CENSUS_LOCAL": "1",
            "LAMBDA_TASK_ROOT": str(folder),
            "LANG": "en_US.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": ":".join(str(part) for part in path),
            "TZ": ":UTC",
            "_HANDLER": function.handler,
        }
