"""Where the template's code lies on this machine: the one place that knows the build layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folders:
    """Maps CodeUri and ContentUri of the template to importable folders.

    `root` holds template.yaml; `wheels` has one folder for each third-party layer (deps, ingest) and
    `runtime`, which stands for what Lambda itself provides (boto3 and the runtime client). `scratch` takes
    what has to be put together.
    """

    root: Path
    wheels: Path
    scratch: Path

    @classmethod
    def of_repository(cls, root: Path, scratch: Path) -> Folders:
        """The layout `make install` leaves behind."""
        return cls(root.resolve(), root.resolve() / ".build" / "local", scratch.resolve())

    @property
    def runtime(self) -> Path:
        return self.wheels / "runtime"

    def function(self, code_uri: str) -> Path:
        """The folder of a function's own code."""
        return self.root / code_uri

    def layer(self, content_uri: str) -> Path:
        """The folder that stands for /opt/python of a layer.

        A build keeps it below `python/`. In the source tree, third-party layers are installed among the
        wheels, and `migrations/`, which is a package itself, is put into a folder of its own.
        """
        source = self.root / content_uri
        if (source / "python").is_dir():
            return source / "python"
        wheels = self.wheels / source.name
        if wheels.is_dir():
            return wheels
        if source.name == "migrations":
            return self._wrapped(source)
        return source

    def import_path(self, code_uri: str, layers: Sequence[str]) -> list[Path]:
        """What a function process may import from, in order."""
        return [self.function(code_uri), *(self.layer(layer) for layer in layers), self.runtime]

    def _wrapped(self, package: Path) -> Path:
        wrapper = self.scratch / f"{package.name}_layer"
        wrapper.mkdir(parents=True, exist_ok=True)
        link = wrapper / package.name
        if not link.is_symlink() or link.readlink() != package:
            link.unlink(missing_ok=True)
            link.symlink_to(package, target_is_directory=True)
        return wrapper
