"""Evaluates a template's parameter constraints and rules, as CloudFormation does before it makes anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from infra.gates.references import Resolver
from infra.local.template import Json


def refusals(template: Json, parameters: Mapping[str, str]) -> Iterator[str]:
    """Why a deployment with these parameters would be refused; nothing when it would go on."""
    for name, declared in template["Parameters"].items():
        value = parameters.get(name, declared.get("Default"))
        if value is None:
            yield f"{name}: has no default and is not given"
        else:
            yield from _refused(name, declared, str(value))
    if all(name in parameters or "Default" in declared for name, declared in template["Parameters"].items()):
        yield from _broken_rules(template, parameters)


def _refused(name: str, declared: Json, value: str) -> Iterator[str]:
    told = declared.get("ConstraintDescription", "")
    if "AllowedPattern" in declared and not re.fullmatch(declared["AllowedPattern"], value):
        yield f"{name}: {told}"
    if "AllowedValues" in declared and value not in [str(item) for item in declared["AllowedValues"]]:
        yield f"{name}: not one of {declared['AllowedValues']}"
    if len(value) > declared.get("MaxLength", len(value)):
        yield f"{name}: longer than {declared['MaxLength']} characters"
    if declared["Type"] == "Number":
        if "MinValue" in declared and float(value) < declared["MinValue"]:
            yield f"{name}: less than {declared['MinValue']}"
        if "MaxValue" in declared and float(value) > declared["MaxValue"]:
            yield f"{name}: more than {declared['MaxValue']}"


def _broken_rules(template: Json, parameters: Mapping[str, str]) -> Iterator[str]:
    resolver = Resolver(template, parameters)
    for rule in template.get("Rules", {}).values():
        if resolver.value(rule.get("RuleCondition", True)):
            for assertion in rule["Assertions"]:
                if not resolver.value(assertion["Assert"]):
                    yield str(assertion["AssertDescription"])
