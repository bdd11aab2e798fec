"""Commands of the documentation: taken out of its pages, and held to the services' own models.

The AWS CLI makes its commands of the same models that botocore carries: `aws sqs purge-queue --queue-url` is
SQS's PurgeQueue with its member QueueUrl.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session
import jmespath
from botocore import xform_name

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "docs/operations.md", "docs/runbook.md", "docs/database.md")
OF_THE_CLI = {"output", "query", "region", "cli-binary-format"}
OTHER_NAMES = {"s3api": "s3"}
"""`aws s3` is the CLI's own."""
TAIL = {"since", "filter-pattern", "follow", "format"}
"""`aws logs tail` is the CLI's own: https://docs.aws.amazon.com/cli/latest/reference/logs/tail.html"""
SUBSTITUTION = re.compile(r"\$\((?:[^()]|\([^()]*\))*\)")


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks() -> Iterator[tuple[str, str]]:
    """Page and text of each block for the shell."""
    for name in PAGES:
        for language, text in re.findall(r"^```(bash|console)\n(.*?)^```", page(name), re.M | re.S):
            yield name, text if language == "bash" else re.sub(r"^\$ ", "", text, flags=re.M)


def aws_commands() -> Iterator[str]:
    """Each call of the AWS CLI, one line, in blocks and in running text; inner calls of their own."""
    for name in PAGES:
        text = page(name)
        inline = re.findall(r"`(aws [^`]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
        shell = [block for where, block in blocks() if where == name]
        for piece in (*inline, *(block.replace("\\\n", " ") for block in shell)):
            yield from _calls(piece)


def _calls(piece: str) -> Iterator[str]:
    for line in piece.splitlines():
        for found in re.finditer(r"(?<![\w/.-])aws (?=[a-z0-9]+ [a-z])", line):
            yield _until_its_end(line[found.start() :])


def _until_its_end(text: str) -> str:
    """Up to what separates commands, outside of quotes and brackets."""
    depth, quote = 0, ""
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "'\"":
            quote = sign
        elif sign == "(":
            depth += 1
        elif depth == 0 and (sign in ");|>#}" or text.startswith("&&", place)):
            return text[:place].strip()
        elif sign == ")":
            depth -= 1
    return text.strip()


@dataclass(frozen=True)
class Command:
    """`aws service operation --option value … positional`."""

    service: str
    operation: str
    options: dict[str, str]
    positional: list[str]

    @classmethod
    def read(cls, line: str) -> Command:
        """What the shell would hand over, substitutions as one word."""
        words = shlex.split(SUBSTITUTION.sub("SUBSTITUTED", line))
        _, service, operation, *rest = words
        service = OTHER_NAMES.get(service, service)
        options: dict[str, str] = {}
        positional: list[str] = []
        while rest:
            word = rest.pop(0)
            if word.startswith("--"):
                options[word[2:]] = rest.pop(0) if rest and not rest[0].startswith("--") else ""
            else:
                positional.append(word)
        return cls(service, operation, options, positional)


def problems(line: str) -> Iterator[str]:
    """Why the AWS CLI would refuse a command; nothing when it would not."""
    command = Command.read(line)
    if (command.service, command.operation) == ("logs", "tail"):
        yield from (f"logs tail has no --{name}" for name in sorted(command.options.keys() - TAIL))
        return
    session = botocore.session.get_session()
    if command.service not in session.get_available_services():
        yield f"there is no service {command.service}"
        return
    model = session.get_service_model(command.service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    if command.operation not in operations:
        yield f"{command.service} has no {command.operation}"
        return
    yield from _about_options(command, model.operation_model(operations[command.operation]))


def _about_options(command: Command, operation: Any) -> Iterator[str]:
    members = operation.input_shape.members if operation.input_shape else {}
    known = {xform_name(name, "-"): shape for name, shape in members.items()}
    known |= {f"no-{name}": shape for name, shape in known.items() if shape.type_name == "boolean"}
    for name in sorted(command.options.keys() - known.keys() - OF_THE_CLI):
        yield f"{command.operation} has no --{name}"
    for name in operation.input_shape.required_members if operation.input_shape else ():
        if xform_name(name, "-") not in command.options:
            yield f"{command.operation} wants --{xform_name(name, '-')}"
    for name, value in command.options.items():
        allowed = getattr(known.get(name), "enum", [])
        if allowed and value not in allowed:
            yield f"--{name} is one of {allowed}, not {value}"
    if len(command.positional) != bool(operation.get_streaming_output()):
        yield f"{command.operation} is called with {command.positional}"
    if "query" in command.options:
        asked = _names(jmespath.compile(command.options["query"]).parsed)
        given = set(_members(operation.output_shape))
        yield from (f"the answer of {command.operation} has no {name}" for name in sorted(asked - given))


def _names(node: dict[str, Any]) -> set[str]:
    """Fields that a query reads."""
    own = {str(node["value"])} if node["type"] == "field" else set()
    return own.union(*(_names(child) for child in node["children"] if isinstance(child, dict)))


def _members(shape: Any, depth: int = 0) -> Iterator[str]:
    """Names of members at any depth of a shape."""
    if depth > 6:
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield name
            yield from _members(member, depth + 1)
    elif shape.type_name == "list":
        yield from _members(shape.member, depth + 1)
    elif shape.type_name == "map":
        yield from _members(shape.value, depth + 1)
