"""
What is packed around the package fits the program; no container engine runs here to try it in.

Linted by hand with hadolint, check-jsonschema and kubernetes-validate (all from PyPI).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from mockserver.cli import cli

TOP = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(not (TOP / "Dockerfile").exists(), reason="installed without the repository")


def options(command: str) -> set[str]:
    """Every option of a command."""
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    return {name for parameter in found.params for name in parameter.opts}


def read(name: str) -> Any:
    return list(yaml.safe_load_all((TOP / name).read_text()))


def named(arguments: list[str]) -> set[str]:
    """The options among *arguments*."""
    return {one.partition("=")[0] for one in arguments if one.startswith("--")}


def test_the_image_runs_as_nobody_and_asks_itself():
    """A user by number (Kubernetes looks at nothing else), and a health check that needs no curl."""
    text = (TOP / "Dockerfile").read_text()
    assert re.search(r"^USER [1-9]\d*$", text, re.MULTILINE)
    assert "HEALTHCHECK" in text
    assert "/__admin/health" in text
    assert "curl" not in text.partition("HEALTHCHECK")[2]
    assert text.index("USER") < text.index("ENTRYPOINT")


def test_compose_has_two_servers_on_one_database():
    """An option that was renamed would be found by whoever starts it."""
    (services,) = read("compose.yaml")
    mock = services["services"]["mock"]
    assert mock["deploy"]["replicas"] == 2
    assert any("postgresql://" in one for one in mock["command"])
    assert named(mock["command"]) <= options("serve")
    mounted = services["services"]["proxy"]["volumes"][0].partition(":")[0]
    assert (TOP / mounted).is_file()


def test_kubernetes_asks_what_there_is():
    """Probes at the address that needs no token; options that exist; no root."""
    deployment, service = read("deploy/kubernetes.yaml")
    spec = deployment["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert named(container["args"]) <= options("serve")
    assert spec["securityContext"]["runAsNonRoot"] is True
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["path"] == "/__admin/health"
    assert service["spec"]["ports"][0]["targetPort"] == container["ports"][0]["name"]


def test_the_action_verifies_with_options_that_exist():
    """And gives inputs to the shell by the environment, never as part of a script."""
    (action,) = read("action.yml")
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    assert not any("${{" in script for script in scripts)
    assert set(re.findall(r"(?<!\w)--[a-z][a-z-]+", scripts[-1])) <= options("verify")


def test_the_workflow_runs_what_contributors_run():
    """CI that is something else than `.ci/run` would fail for reasons that nobody can see at home."""
    (workflow,) = read(".github/workflows/ci.yaml")
    assert any(step.get("run") == ".ci/run" for step in workflow["jobs"]["all"]["steps"])
    assert (TOP / ".ci" / "run").is_file()
