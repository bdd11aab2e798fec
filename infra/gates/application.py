"""The application as CloudFormation gets it: translated by SAM, nested stacks and state machine included."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.gates.references import Resolver
from infra.local.template import Json, load, translate

ROOT = Path(__file__).resolve().parents[2]
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:"
PARAMETERS = {
    "DatabaseSecretArn": SECRET + "database-a1b2c3",
    "ModelKeySecretArn": SECRET + "model-a1b2c3",
    "TokenIssuer": "https://issuer.example.com/",
    "TokenAudience": "census",
    "AlarmEmail": "ops@example.com",
}
"""What a person has to say at a deployment; the rest is default."""
STATE_MACHINE = "AnswerJob"


@dataclass
class Application:
    """`translated` is the root stack, `nested` the stacks in it by logical id, `machine` the ASL document.

    `source` is the template as it is written, for what the translation drops; `stages` is samconfig.toml.
    """

    translated: Json
    machine: Json
    source: Json
    stages: Json
    nested: dict[str, Json] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Path = ROOT) -> Application:
        """From template.yaml and the files it names; raises TemplateError."""
        template = load(root / "template.yaml")
        machine = template["Resources"][STATE_MACHINE]["Properties"]["DefinitionUri"]
        nested = {
            logical_id: translate(load(root / location), {}) for logical_id, location in _locations(template)
        }
        return cls(
            translated=translate(template, PARAMETERS),
            machine=json.loads((root / machine).read_text()),
            source=template,
            stages=tomllib.loads((root / "samconfig.toml").read_text()),
            nested=nested,
        )

    def copy(self) -> Application:
        """Another that may be changed."""
        return copy.deepcopy(self)

    @property
    def resources(self) -> dict[str, Json]:
        """The root stack's, by logical id."""
        found: dict[str, Json] = self.translated["Resources"]
        return found

    def of(self, kind: str) -> Iterator[tuple[str, Json]]:
        """Logical id and properties of each resource of the root stack that is a `kind`."""
        for logical_id, resource in self.resources.items():
            if resource["Type"] == kind:
                yield logical_id, resource.get("Properties", {})

    def stacks(self) -> Iterator[tuple[str, Json]]:
        """Every stack by name, the root's name empty."""
        yield "", self.translated
        yield from self.nested.items()

    def functions(self) -> dict[str, Json]:
        """Properties of each function."""
        return dict(self.of("AWS::Lambda::Function"))

    def mappings(self) -> Iterator[tuple[str, str, Json]]:
        """Function, queue (logical ids) and properties of each event source mapping."""
        for _, properties in self.of("AWS::Lambda::EventSourceMapping"):
            yield properties["FunctionName"]["Ref"], properties["EventSourceArn"]["Fn::GetAtt"][0], properties

    def resolver(self, **parameters: str) -> Resolver:
        """Resolves values of the root stack with the parameters' defaults, PARAMETERS and `parameters`."""
        return Resolver(self.translated, PARAMETERS | parameters)

    def number(self, value: Any) -> float:
        """A number of the template, through parameters."""
        return float(self.resolver().value(value))

    def statements(self) -> Iterator[tuple[str, Json]]:
        """Role or managed policy, and each statement of its policies, with conditions followed."""
        resolver = self.resolver(VectorStore="pinecone", PineconeSecretArn=SECRET + "pinecone-a1b2c3")
        for kind in ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy"):
            for logical_id, properties in self.of(kind):
                own = properties.get("Policies", [])
                documents = [policy["PolicyDocument"] for policy in own]
                if kind == "AWS::IAM::ManagedPolicy":
                    documents = [properties["PolicyDocument"]]
                for document in documents:
                    for statement in resolver.value(document["Statement"]):
                        yield logical_id, statement


def _locations(template: Json) -> Iterator[tuple[str, str]]:
    for logical_id, resource in template["Resources"].items():
        name = {"AWS::Serverless::Application": "Location", "AWS::CloudFormation::Stack": "TemplateURL"}
        if resource["Type"] in name:
            yield logical_id, resource["Properties"][name[resource["Type"]]]


def as_list(value: Any) -> list[Any]:
    """IAM writes one thing without brackets."""
    return value if isinstance(value, list) else [value]


def folder_of(layer: Json) -> str:
    """The folder a translated layer was made of."""
    return str(layer["Content"]["S3Key"])


def snake(name: str) -> str:
    """`MapBatch` as `map_batch`."""
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
