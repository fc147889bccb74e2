"""Runbooks: one for each alert, with all its parts, and every command in them can be given."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from heedful.cli.main import cli
from tests.contract.deploy.observability import ROOT, RUNBOOKS, alerts, promql, promtool
from tests.contract.deploy.promql import faults, series

FOLDER = ROOT / "docs" / "runbooks"
EACH_PAGE = pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.stem)
PARTS = ["What it means", "What is lost meanwhile", "Look", "Mend", "When it may wait"]
SUFFIXES = ("", "_total", "_bucket", "_count")
BLOCK = re.compile(r"^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
CALL = re.compile(r"api \"?(?P<path>/v1/[^\s\"?`]+)(?:\?(?P<query>[^\"\s]+))?(?P<rest>.*)")
ROUTE = re.compile(r"(?P<method>GET|PUT|POST|DELETE|PATCH) (?P<path>/v1/\S+)")


def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def commands(page: Path) -> Iterator[str]:
    """Lines of the other blocks, and what stands between single backticks."""
    for match in BLOCK.finditer(text(page)):
        if not match["kind"]:
            yield from re.sub(r"\\\n\s*", "", match["body"]).splitlines()
    yield from INLINE.findall(BLOCK.sub("", text(page)))


@cache
def routes() -> dict[str, Any]:
    """The methods of each path, with {} for what varies in it."""
    paths = json.loads(text(ROOT / "docs" / "openapi.json"))["paths"]
    return {re.sub(r"\{\w+\}", "{}", path): methods for path, methods in paths.items()}


def resolved(line: str) -> tuple[click.Command, list[str]]:
    """The command of `heedful …`, and its options."""
    words = line.split()[1:]
    command: click.Command = cli
    while isinstance(command, click.Group) and words:
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None, line
        command = found
    return command, [word for word in words if word.startswith("--")]


def test_every_alert_has_a_page_and_every_page_an_alert() -> None:
    assert [page.stem for page in RUNBOOKS] == sorted(rule["alert"] for rule in alerts())


def test_the_table_lists_them_in_the_order_of_the_rules() -> None:
    rows = re.findall(r"^\| \[(\w+)\]\((\w+)\.md\) \| (\w+) \|", text(FOLDER / "README.md"), re.M)
    names = [rule["alert"] for rule in alerts()]
    levels = [rule["labels"]["severity"] for rule in alerts()]
    assert rows == list(zip(names, names, levels, strict=True))


@EACH_PAGE
def test_page_has_all_its_parts(page: Path) -> None:
    (rule,) = [rule for rule in alerts() if rule["alert"] == page.stem]
    head, *parts = re.split(r"^## ", text(page), flags=re.MULTILINE)
    assert head.startswith(f"# {page.stem}\n\n{rule['labels']['severity'].title()}. ")
    assert [part.partition("\n")[0] for part in parts] == PARTS
    assert all(len(part.partition("\n")[2].split()) >= 5 for part in parts)
    assert promql(page)


@EACH_PAGE
def test_queries_ask_for_what_exists(page: Path) -> None:
    assert [fault for query in promql(page) for fault in faults(query)] == []


def test_prometheus_parses_every_query(tmp_path: Path) -> None:
    asked = [{"record": "asked:here", "expr": query} for page in RUNBOOKS for query in promql(page)]
    file = tmp_path / "asked.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": asked}]}))
    promtool("check", "rules", "--lint=none", file)


@EACH_PAGE
def test_settings_and_metrics_exist(page: Path) -> None:
    settings = text(ROOT / "docs" / "configuration.md")
    for name in re.findall(r"\bHEEDFUL_[A-Z_]+", text(page)):
        assert f"`{name}`" in settings, name
    for name in re.findall(r"(?<!:)\bheedful_[a-z_]+", text(page)):
        assert any(name + suffix in series() for suffix in SUFFIXES), name


@EACH_PAGE
def test_commands_of_heedful_exist(page: Path) -> None:
    for line in commands(page):
        if re.match(r"heedful [a-z]", line):
            command, options = resolved(line)
            known = {name for parameter in command.params for name in parameter.opts}
            assert set(options) <= known, line


@EACH_PAGE
def test_routes_exist(page: Path) -> None:
    for line in commands(page):
        called, told = CALL.match(line), ROUTE.match(line)
        if called:
            method = re.search(r"-X (\w+)", called["rest"])
            verb = method[1] if method else ("POST" if " -d " in called["rest"] else "GET")
            path = re.sub(r"\$[A-Z]+", "{}", called["path"])
        elif told:
            verb, path = told["method"], re.sub(r"\{\w+\}", "{}", told["path"])
        else:
            continue
        assert verb.lower() in routes()[path], line
        asked = re.findall(r"(\w+)=", (called and called["query"]) or "")
        parameters = routes()[path][verb.lower()].get("parameters", [])
        assert set(asked) <= {one.get("name") for one in parameters}, line


@EACH_PAGE
def test_kubernetes_objects_exist(page: Path) -> None:
    base = "".join(path.read_text() for path in (ROOT / "deploy/k8s/base").glob("*.yaml"))
    for kind, name in re.findall(r"\b(deployment|statefulset)/([a-z-]+)", text(page)):
        assert re.search(rf"^kind: {kind}\nmetadata:\n  name: {name}$", base, re.M | re.I), name


@EACH_PAGE
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in re.findall(r"\]\(([^)#]+)(?:#([^)]+))?\)", text(page)):
        linked = (page.parent / target).resolve()
        assert linked.is_file(), target
        heads = re.findall(r"^#+ (.+)$", text(linked), re.M)
        assert not anchor or anchor in {head.lower().replace(" ", "-") for head in heads}, anchor
