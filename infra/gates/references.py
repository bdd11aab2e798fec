"""Follows Ref, GetAtt, Sub, If and the like, as CloudFormation does, to made-up but well-formed names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from infra.local.deployment import ACCOUNT, REGION

PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::AccountId": ACCOUNT,
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "census-dev",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/census-dev/1",
}
ARNS = {
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::StepFunctions::StateMachine": "arn:aws:states:{region}:{account}:stateMachine:{name}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}:*",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{name}",
    "AWS::IAM::ManagedPolicy": "arn:aws:iam::{account}:policy/{name}",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{name}",
    "AWS::Lambda::LayerVersion": "arn:aws:lambda:{region}:{account}:layer:{name}:1",
}
REF_IS_ARN = {
    "AWS::StepFunctions::StateMachine",
    "AWS::IAM::ManagedPolicy",
    "AWS::SNS::Topic",
    "AWS::Lambda::LayerVersion",
}
_ABSENT: Any = object()


class UnresolvedError(Exception):
    """A reference leads nowhere; the message names it."""


class Resolver:
    """Resolves values of one template. A missing parameter takes its default."""

    def __init__(self, template: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
        declared = template.get("Parameters", {})
        defaults = {name: str(row["Default"]) for name, row in declared.items() if "Default" in row}
        given = {name: value for name, value in parameters.items() if name in declared}
        self._declared = declared
        self._parameters: dict[str, str] = defaults | given
        self._resources = template.get("Resources", {})
        self.conditions = template.get("Conditions", {})
        self._functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._attribute,
            "Fn::Sub": self._sub,
            "Fn::If": self._if,
            "Fn::Split": lambda pair: self.value(pair[1]).split(pair[0]),
            "Fn::Join": lambda pair: pair[0].join(str(item) for item in self.value(pair[1])),
            "Fn::Select": lambda pair: self.value(pair[1])[int(pair[0])],
            "Fn::Equals": lambda pair: str(self.value(pair[0])) == str(self.value(pair[1])),
            "Fn::Not": lambda one: not self.value(one[0]),
            "Fn::And": lambda many: all(self.value(item) for item in many),
            "Fn::Or": lambda many: any(self.value(item) for item in many),
            "Condition": self.condition,
        }

    def value(self, node: Any) -> Any:
        """`node` with everything resolved; entries that are AWS::NoValue are left out."""
        if isinstance(node, list):
            return [found for item in node if (found := self.value(item)) is not _ABSENT]
        if not isinstance(node, dict):
            return node
        name = next(iter(node), "")
        if len(node) == 1 and name in self._functions and self._is_function(name, node[name]):
            return self._functions[name](node[name])
        return {key: found for key, item in node.items() if (found := self.value(item)) is not _ABSENT}

    @staticmethod
    def _is_function(name: str, argument: Any) -> bool:
        """A policy's `Condition` is a mapping, a reference to a condition is a name."""
        return name != "Condition" or isinstance(argument, str)

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _ABSENT
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self._parameters:
            text = self._parameters[name]
            return text.split(",") if "List" in self._declared[name]["Type"] else text
        if name in self._declared:
            raise UnresolvedError(f"the parameter {name} has neither a value nor a default")
        return self._arn(name) if self._kind(name) in REF_IS_ARN else name

    def _attribute(self, target: Any) -> str:
        name, attribute = target if isinstance(target, list) else target.split(".", 1)
        if attribute in ("Arn", "TopicArn"):
            return self._arn(name)
        return f"{self._kind(name) and name}" if attribute.endswith("Name") else f"{name}.{attribute}"

    def _arn(self, name: str) -> str:
        form = ARNS.get(self._kind(name), "arn:aws:other:{region}:{account}:{name}")
        shown = name.lower() if "s3" in form else name
        return form.format(region=REGION, account=ACCOUNT, name=shown)

    def _kind(self, name: str) -> str:
        if name not in self._resources:
            raise UnresolvedError(f"there is no parameter or resource {name}")
        return str(self._resources[name]["Type"])

    def _sub(self, argument: Any) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})
        return re.sub(r"\$\{([^!}]+)\}", lambda match: str(self._placeholder(match[1], own)), text)

    def _placeholder(self, name: str, own: Mapping[str, Any]) -> Any:
        if name in own:
            return self.value(own[name])
        return self._attribute(name) if "." in name else self._ref(name)

    def _if(self, argument: list[Any]) -> Any:
        condition, yes, no = argument
        return self.value(yes if self.condition(condition) else no)

    def condition(self, name: str) -> bool:
        """Whether a condition of the template holds."""
        if name not in self.conditions:
            raise UnresolvedError(f"there is no condition {name}")
        return bool(self.value(self.conditions[name]))


def references(node: Any) -> Iterator[tuple[str, str | None]]:
    """Each (logical id, attribute) that a value refers to; of a Ref the attribute is None."""
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    elif isinstance(node, dict):
        for key, item in node.items():
            yield from _reference(key, item)


def _reference(key: str, item: Any) -> Iterator[tuple[str, str | None]]:
    if key == "Ref" and isinstance(item, str):
        yield item, None
    elif key == "Fn::GetAtt":
        name, attribute = item if isinstance(item, list) else item.split(".", 1)
        yield name, attribute
    elif key == "Fn::Sub":
        text, own = item if isinstance(item, list) else (item, {})
        for name in re.findall(r"\$\{([^!}]+)\}", text):
            if name not in own:
                target, _, attribute = name.partition(".")
                yield target, attribute or None
        yield from references(own)
    else:
        yield from references(item)
