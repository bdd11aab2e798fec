"""samconfig.toml: dev, staging and prod can be deployed, beside each other, with what they say."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator

from census.domain.deployment import DeploymentFigures, contradictions
from infra.gates.application import PARAMETERS, Application
from infra.gates.rules import refusals

STAGES = {"default": "dev", "staging": "staging", "prod": "prod"}
"""Section and stage; `sam deploy` without --config-env means dev."""
CAPABILITIES = {"CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"}


def overrides(app: Application, section: str) -> dict[str, str]:
    """The parameters a stage sets, by name."""
    text = app.stages[section]["deploy"]["parameters"].get("parameter_overrides", "")
    return dict(pair.split("=", 1) for pair in shlex.split(text))


def stages_stand_beside_each_other(app: Application) -> Iterator[str]:
    """A stack and a place for artefacts of its own each, shown before they change."""
    found = set(app.stages) - {"version"}
    if found != set(STAGES):
        yield f"stages {sorted(found)}, not {sorted(STAGES)}"
        return
    names = Counter(app.stages[section]["global"]["parameters"]["stack_name"] for section in STAGES)
    for section, stage in STAGES.items():
        settings, name = app.stages[section]["deploy"]["parameters"], f"census-{stage}"
        given = app.stages[section]["global"]["parameters"]["stack_name"]
        if given != name or names[given] > 1 or settings.get("s3_prefix") != name:
            yield f"{section}: deploys {given} from {settings.get('s3_prefix')}, not {name}"
        if set(settings.get("capabilities", [])) != CAPABILITIES:
            yield f"{section}: may not make roles and nested stacks: {settings.get('capabilities')}"
        if settings.get("resolve_s3") is not True or settings.get("confirm_changeset") is not True:
            yield f"{section}: has no bucket for artefacts, or changes unasked"


def stages_make_sense(app: Application) -> Iterator[str]:
    """What a stage sets are parameters, within their bounds, and figures that fit each other."""
    (schema,) = (body for _, body in app.of("Custom::Schema"))
    for section in STAGES:
        given = overrides(app, section)
        for name in sorted(set(given) - set(app.translated["Parameters"])):
            yield f"{section}: there is no parameter {name}"
        yield from (f"{section}: {reason}" for reason in refusals(app.translated, PARAMETERS | given))
        figures = app.resolver(**given).value(schema)
        yield from (f"{section}: {reason}" for reason in contradictions(DeploymentFigures.read(figures)))


CHECKS = (stages_stand_beside_each_other, stages_make_sense)
