"""What a person may get wrong at a deployment is refused before anything is made, with a reason."""

import pytest

from infra.gates.application import PARAMETERS, SECRET, Application
from infra.gates.rules import refusals

INDEX = {"PineconeHost": "census-1.svc.pinecone.io"}
PINECONE = {"VectorStore": "pinecone", "PineconeSecretArn": SECRET + "pinecone-a1b2c3", **INDEX}
NO_KEY = {"ModelKeySecretArn": "", "ModelBaseUrl": "https://models.example.com/v1"}
NETWORK = {"SubnetIds": "subnet-1,subnet-2", "SecurityGroupIds": "sg-1"}


@pytest.mark.parametrize("more", [{}, PINECONE, NETWORK, {"ModelKeySecretArn": ""}, {"ApiConcurrency": "0"}])
def test_what_makes_sense_goes_on(app: Application, more: dict[str, str]) -> None:
    assert list(refusals(app.translated, PARAMETERS | more)) == []


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"DatabaseSecretArn": ""}, "must be the whole ARN of a Secrets Manager secret"),
        ({"DatabaseSecretArn": "postgresql://u:p@host/db"}, "must be the whole ARN"),
        ({"DatabaseSecretArn": "census/database"}, "must be the whole ARN"),
        ({"ModelKeySecretArn": "sk-123"}, "must be empty or the whole ARN"),
        ({"TokenIssuer": "http://issuer.example.com"}, "must be an https address"),
        ({"TokenAudience": ""}, "must not be empty"),
        ({"AlarmEmail": ""}, "an alarm that nobody reads is none"),
        ({"AllowedOrigin": "*"}, "without a wildcard"),
        ({"SubnetIds": "subnet-1"}, "SubnetIds without SecurityGroupIds"),
        ({"SecurityGroupIds": "sg-1"}, "SecurityGroupIds without SubnetIds"),
        ({"VectorStore": "pinecone", **INDEX}, "PineconeSecretArn is empty"),
        ({**PINECONE, "PineconeHost": ""}, "PineconeHost is empty"),
        ({"PineconeSecretArn": SECRET + "pinecone"}, "VectorStore is not pinecone"),
        (NO_KEY, "ModelKeySecretArn is empty"),
        ({"VectorStore": "faiss"}, "not one of"),
        ({"JobDeadlineSeconds": "2592000"}, "more than 604800"),
        ({"MapConcurrency": "1"}, "less than 2"),
    ],
)  # fmt: skip
def test_what_makes_none_is_refused_with_a_reason(
    app: Application, wrong: dict[str, str], reason: str
) -> None:
    (refusal,) = refusals(app.translated, PARAMETERS | wrong)

    assert reason in refusal


def test_five_answers_are_enough(app: Application) -> None:
    asked = [name for name, row in app.translated["Parameters"].items() if "Default" not in row]

    assert asked == ["DatabaseSecretArn", "TokenIssuer", "TokenAudience", "AlarmEmail"]
    assert list(app.translated["Parameters"])[:5] == [
        "DatabaseSecretArn", "ModelKeySecretArn", "TokenIssuer", "TokenAudience", "AlarmEmail",
    ]  # fmt: skip


def test_every_rule_refuses_something(app: Application) -> None:
    """Each rule, alone, refuses at least one of the combinations above."""
    for name, rule in app.translated["Rules"].items():
        alone = {**app.translated, "Rules": {name: rule}}
        wrongs = [
            {"SubnetIds": "s"},
            {"SecurityGroupIds": "g"},
            {"VectorStore": "pinecone"},
            {"PineconeSecretArn": SECRET + "p"},
            NO_KEY,
        ]
        assert sum(bool(list(refusals(alone, PARAMETERS | wrong))) for wrong in wrongs) == 1, name
