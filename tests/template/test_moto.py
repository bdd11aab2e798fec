"""What moto's CloudFormation knows deploys from the translated template, nested stacks and all."""

import json
import subprocess
import sys
from typing import Any

import pytest

from infra.gates.application import PARAMETERS, Application
from infra.gates.deployable import ROOT_STACK
from infra.local.template import load, translate
from tests.stack.running import ROOT

SCRIPT = """
import json, sys
from moto import mock_aws
from infra.gates.deployable import deploy_in_moto
with mock_aws():
    print(json.dumps(deploy_in_moto(**json.load(sys.stdin))))
"""


def edited(layer: str) -> dict[str, Any]:
    """The root stack after `sam package` uploaded other content of one layer: under another key."""
    template = load(ROOT / "template.yaml")
    template["Resources"][layer]["Properties"]["ContentUri"] = f"{layer}-of-another-hash"
    return translate(template, PARAMETERS)


@pytest.fixture(scope="module")
def deployed(app: Application) -> dict[str, Any]:
    """What exists after a deployment, by stack; made in another process: moto has one state a process."""
    work = {"template": app.translated, "nested": app.nested, "parameters": PARAMETERS}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        input=json.dumps(work),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=120,
    )
    return dict(json.loads(done.stdout))


def test_what_moto_lacks_is_left_to_our_checker(
    app: Application, deployed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    for name, template in app.stacks():
        made = set(deployed[name or ROOT_STACK])
        known = {id for id in template["Resources"] if id in made}
        left = sorted(set(template["Resources"]) - known)
        with capsys.disabled():
            sys.stdout.write(f"\n{name or ROOT_STACK}: moto deploys {', '.join(sorted(known))}\n")
            sys.stdout.write(f"  our checker resolves {', '.join(left) or 'nothing more'}\n")
        assert known or name, "the root stack is empty"
    assert set(app.nested) <= set(deployed[ROOT_STACK])


@pytest.mark.parametrize("layer", ["CoreLayer", "DepsLayer"])
def test_an_edit_of_a_layer_alone_changes_every_functions_configuration(app: Application, layer: str) -> None:
    """Nothing else of a function changes. (No alias stands between: functions_are_the_code_of_their_name.)"""
    after = edited(layer)["Resources"]

    for name, before in app.functions().items():
        changed = {key for key, value in before.items() if after[name]["Properties"][key] != value}
        assert changed == {"Layers"}, name
