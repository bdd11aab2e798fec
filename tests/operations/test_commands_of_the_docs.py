"""Who follows the documentation at night types commands that exist, on things that exist."""

import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from infra.gates.application import Application
from tests.operations.shell_of_the_docs import ROOT, SUBSTITUTION, aws_commands, blocks, page, problems

COMMANDS = sorted(set(aws_commands()))
STAND_IN = """#!/usr/bin/env bash
printf '%s\\n' "$*" >> "$CALLS"
case "$*" in
  *"ParameterKey=='DatabaseSecretArn'"*) echo arn:of:the:secret ;;
  *arn:of:the:secret*) cat "$SECRET" ;;
  *describe-stack-resource*) sed 's/.*--logical-resource-id \\([A-Za-z]*\\).*/census-\\1/' <<<"$*" ;;
esac
"""
"""Stands in for the AWS CLI and answers with the names it was asked for."""


def test_enough_commands_are_found() -> None:
    assert len(COMMANDS) >= 20
    assert {"lambda", "sqs", "s3api", "secretsmanager", "logs", "cloudformation", "stepfunctions"} <= {
        command.split()[1] for command in COMMANDS
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_one_that_the_services_know(command: str) -> None:
    assert list(problems(command)) == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("aws sqs purge-queues --queue-url Q", "sqs has no purge-queues"),
        ("aws sqs purge-queue --queue Q", "purge-queue has no --queue"),
        ("aws sqs purge-queue", "wants --queue-url"),
        ("aws simplequeue purge-queue", "no service"),
        ("aws lambda invoke --function-name F", "is called with []"),
        ("aws stepfunctions list-executions --status-filter BROKEN", "is one of"),
        ("aws lambda get-account-settings --query AccountLimits.Concurrent", "has no AccountLimits"),
        ("aws logs tail G --filter P", "no --filter"),
    ],
)
def test_a_wrong_command_is_noticed(command: str, said: str) -> None:
    assert said in " ".join(problems(command))


@pytest.mark.parametrize(("name", "block"), list(blocks()))
def test_the_shell_understands_every_block(name: str, block: str) -> None:
    done = subprocess.run(["bash", "-n"], input=block, text=True, capture_output=True, check=False)
    assert done.stderr == ""


def test_commands_name_things_of_the_template() -> None:
    app = Application.read()
    text = "".join(page(f"docs/{name}.md") for name in ("runbook", "operations"))
    resources = set(re.findall(r"\$\(resource (\w+)\)", text))
    parameters = set(re.findall(r"\$\(parameter (\w+)\)|\$\(secret (\w+)\)|parameter \"(\w+)\"", text))
    looped = {name for names in re.findall(r"for f in ([\w ]+)\ndo", text) for name in names.split()}
    assert {"MapBatch", "MapDeadLetters", "AnswerJob", "DocumentsBucket"} <= resources
    assert resources | looped <= app.resources.keys()
    assert {name for row in parameters for name in row if name} <= app.translated["Parameters"].keys()


def test_every_target_and_module_that_is_named_exists() -> None:
    makefile = page("Makefile")
    for name, block in blocks():
        for target in re.findall(r"(?:^|&& )make ([a-z-]+)", block, re.M):
            assert re.search(rf"^{target}:", makefile, re.M), f"{name}: make {target}"
        for module in re.findall(r"python -m ([\w.]+)", block):
            folder = ROOT / module.replace(".", "/")
            assert module == "pytest" or (folder / "__main__.py").exists(), f"{name}: python -m {module}"


@pytest.mark.skipif(not shutil.which("jq"), reason="the commands use jq, which this machine lacks")
@pytest.mark.parametrize(
    ("secret", "url"),
    [
        ("postgresql://u:p@h/d?sslmode=require", "postgresql://u:p@h/d?sslmode=require"),
        (
            json.dumps({"username": "u", "password": "p@/x", "host": "h", "port": 5433, "dbname": "d"}),
            "postgresql://u:p%40%2Fx@h:5433/d",
        ),
        (
            json.dumps({"username": "u", "password": "p", "host": "h"}, indent=1),
            "postgresql://u:p@h:5432/postgres",
        ),
    ],
)
def test_the_shell_of_the_runbook_works(tmp_path: Path, secret: str, url: str) -> None:
    (prelude, *_) = [block for name, block in blocks() if name == "docs/runbook.md"]
    aws, calls = tmp_path / "aws", tmp_path / "calls"
    aws.write_text(STAND_IN)
    aws.chmod(aws.stat().st_mode | stat.S_IEXEC)
    (tmp_path / "secret").write_text(secret + "\n")
    script = f'{prelude}\necho "$DATABASE_URL"\nsweep\nstop-reading\ngo-on-reading\ncensus-log ERROR 24h\n'

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={
            **os.environ,
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "CALLS": str(calls),
            "SECRET": str(tmp_path / "secret"),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout.splitlines()[0], done.stderr) == (url, "")
    called = calls.read_text().splitlines()
    assert [line for line in called if not line.startswith(("cloudformation", "secretsmanager"))] == [
        "lambda invoke --function-name census-ReconcileWork --payload {}"
        " --cli-binary-format raw-in-base64-out /dev/stdout",
        "lambda update-event-source-mapping --uuid census-MapBatchBatches --no-enabled",
        "lambda update-event-source-mapping --uuid census-MapBatchBatches --enabled",
        "logs tail /aws/lambda/census-prod --since 24h --filter-pattern ERROR",
    ]


def test_a_substitution_is_one_word() -> None:
    assert SUBSTITUTION.sub("X", '--name "$(resource $f)" --at $(date +%F)') == '--name "X" --at X'
