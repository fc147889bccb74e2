"""Dockerfile: clean, complete, runs as nobody in particular."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.wanted import IMAGES

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def instructions() -> list[tuple[str, str]]:
    """Keyword and argument of each instruction, continuation lines joined."""
    lines = [line for line in TEXT.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [
        (keyword, argument)
        for keyword, _, argument in (line.partition(" ") for line in joined.splitlines())
        if keyword
    ]


def final_stage() -> dict[str, str]:
    """The last stage; of a repeated keyword the last instruction."""
    stage: dict[str, str] = {}
    for keyword, argument in instructions():
        if keyword == "FROM":
            stage = {}
        stage[keyword] = argument
    return stage


def test_hadolint_is_clean() -> None:
    hadolint = Path(sys.executable).with_name("hadolint")
    assert hadolint.exists(), "hadolint is missing: pip install -e .[dev]"
    result = subprocess.run(
        [hadolint, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_ignored_rule_is_argued() -> None:
    lines = TEXT.splitlines()
    for number, line in enumerate(lines):
        for rule in re.findall(r"hadolint ignore=(\w+)", line):
            assert any(rule in earlier for earlier in lines[:number]), f"{rule}: say why"


@pytest.mark.parametrize("keyword", ["ENTRYPOINT", "HEALTHCHECK"])
def test_runs_without_a_shell(keyword: str) -> None:
    argument = final_stage()[keyword]
    command = json.loads(argument[argument.index("[") :])
    assert command[0].startswith("/app/bin/")


def test_health_check_asks_healthz_and_is_python() -> None:
    argument = final_stage()["HEALTHCHECK"]
    code = json.loads(argument[argument.index("[") :])[2]
    compile(code, "healthcheck", "exec")
    assert "/healthz" in code


def test_user_port_and_signal() -> None:
    stage = final_stage()
    assert stage["USER"] == "10001:10001"
    assert stage["EXPOSE"] == "8080"
    assert stage["STOPSIGNAL"] == "SIGTERM"


def test_labels_are_those_of_oci() -> None:
    labels = set(re.findall(r"org\.opencontainers\.image\.(\w+)=", final_stage()["LABEL"]))
    assert labels >= {"title", "description", "licenses", "version", "revision", "created"}
    assert f"ARG VERSION={PROJECT['project']['version']}" in TEXT


@pytest.mark.parametrize("service", IMAGES)
def test_service_has_an_extra_and_an_entry_point(service: str) -> None:
    pattern = r"(?P<names>[\w|-]+)\) entry=\"?(?P<entry>[\w-]+(?:\$\{SERVICE\})?)\"? ;;"
    entries = {
        name: match["entry"].replace("${SERVICE}", name)
        for match in re.finditer(pattern, TEXT)
        for name in match["names"].split("|")
    }
    assert service in PROJECT["project"]["optional-dependencies"]
    assert entries[service] in PROJECT["project"]["scripts"]


def test_whatever_comes_from_an_index_is_locked() -> None:
    """Every installation is from a lock with hashes, or of the wheel without asking an index."""
    runs = [argument for keyword, argument in instructions() if keyword == "RUN"]
    installs = [part for run in runs for part in run.split(";") if " install " in part]
    pips = [part for part in installs if "pip" in part.split("install ")[0].split("&&")[-1]]
    assert len(pips) == 3
    for part in pips:
        locked = "--require-hashes --requirement" in re.sub(r"\s+", " ", part)
        assert locked or "--no-index --no-deps" in part, part
    (wheel,) = (part for run in runs for part in run.split(";") if "pip wheel" in part)
    assert "--no-build-isolation" in wheel, "its build backend would come from an index"


def test_what_it_copies_exists_and_is_not_ignored() -> None:
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [
        source.rstrip("/")
        for keyword, argument in instructions()
        if keyword == "COPY" and not argument.startswith("--from")
        for source in argument.split()[:-1]
    ]
    assert "pyproject.toml" in copied
    for source in copied:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in ignore, source


def test_what_the_wheel_needs_is_copied() -> None:
    build = PROJECT["tool"]["hatch"]["build"]
    wheel = build["targets"]["wheel"]
    needed = {
        *wheel["packages"],
        *wheel.get("force-include", {}),
        *PROJECT["project"]["license-files"],
        PROJECT["project"]["readme"],
    }
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for path in needed:
        assert f"!{path.split('/')[0]}" in ignore, path
