"""The generated documents: fresh, valid, complete, the same on every machine."""

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped, unused-ignore]
import pytest
import yaml
from click.testing import CliRunner
from prometheus_client import REGISTRY
from pydantic import Field

from heedful.cli import documents, documents_asyncapi, documents_configuration, documents_openapi
from heedful.cli.main import cli
from heedful.cli.manifests import made_manifests
from heedful.common.bus.base import LogRecord, Outgoing
from heedful.common.bus.kafka import KafkaBus
from heedful.common.contracts import Channel, Feedback
from heedful.common.errors import InvalidMessage
from heedful.common.events import to_record
from heedful.common.runtime.deadletter import dead_letter
from heedful.common.settings import KafkaSettings, Settings
from heedful.common.topics import DLQ_RETENTION, FEEDBACK_RECEIVED, TOPICS

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
DEPLOY = ROOT / "deploy"
NOW = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parent / "asyncapi-3.0.0.json").read_text(encoding="utf-8")
)
VARIABLE = re.compile(r"\bHEEDFUL_[A-Z0-9]+(?:_{1,2}[A-Z0-9]+)*\b")


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return documents.made_documents()


@pytest.fixture(scope="module")
def asyncapi() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(documents_asyncapi.render())
    return found


@pytest.fixture(scope="module")
def openapi(made: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made["openapi.json"])
    return found


def test_the_repository_holds_what_would_be_made(made: dict[str, str]) -> None:
    assert documents.stale(DOCS, made) == []
    assert documents.stale(DEPLOY, made_manifests(DEPLOY)) == []


def test_check_names_the_stale_file_and_the_remedy(
    made: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Changed(Settings):
        new: str = Field(default="x", description="Something new.")

    unchanged = {name: partial(str, content) for name, content in made.items()}
    monkeypatch.setattr(documents, "DOCUMENTS", unchanged)
    run = CliRunner().invoke
    assert run(documents.main, ["--check", str(tmp_path)]).exit_code == 1, "nothing there yet"
    assert run(documents.main, [str(tmp_path)]).exit_code == 0
    assert run(documents.main, ["--check", str(tmp_path)]).exit_code == 0

    monkeypatch.setattr(documents_configuration, "Settings", Changed)
    monkeypatch.setattr(
        documents,
        "DOCUMENTS",
        {**unchanged, "configuration.md": documents_configuration.render},
    )
    result = run(documents.main, ["--check", str(tmp_path)])
    assert result.exit_code == 1
    assert str(tmp_path / "configuration.md") in result.output
    assert "metrics.md" not in result.output
    assert documents.MEND in result.output


def test_documents_do_not_depend_on_the_environment(
    made: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEEDFUL_INGEST__MAX_BATCH_ITEMS", "7")
    monkeypatch.setenv("HEEDFUL_LOG_LEVEL", "nonsense")
    assert documents_openapi.render() == made["openapi.json"]
    assert documents_configuration.render() == made["configuration.md"]
    assert os.environ["HEEDFUL_INGEST__MAX_BATCH_ITEMS"] == "7"


# configuration.md


def configured(made: dict[str, str]) -> set[str]:
    return set(re.findall(r"^\| `(HEEDFUL_\w+)`", made["configuration.md"], re.MULTILINE))


def test_every_setting_of_the_process_has_its_variable(made: dict[str, str]) -> None:
    found = configured(made)
    assert "HEEDFUL_DATABASE_URL" in found
    assert "HEEDFUL_KAFKA__BOOTSTRAP_SERVERS" in found
    assert {name.split("__")[0] for name in found} >= {
        f"HEEDFUL_{service.upper()}" for service in ("ingest", "nlp", "alerting")
    }


@pytest.mark.parametrize(
    "path",
    [
        ROOT / "docker-compose.yml",
        ROOT / "Dockerfile",
        *sorted(DOCS.glob("*.md")),
        *sorted(DOCS.glob("decisions/*.md")),
    ],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_variables_that_are_named_exist(path: Path, made: dict[str, str]) -> None:
    named = set(VARIABLE.findall(path.read_text(encoding="utf-8")))
    assert named <= configured(made)


def test_a_default_of_the_machine_is_told_in_words(made: dict[str, str]) -> None:
    assert (
        "| `HEEDFUL_NLP__WORKERS` | integer, ≥ 1 | cores, at most 8 |" in (made["configuration.md"])
    )


# metrics.md


def test_every_registered_metric_is_listed(made: dict[str, str]) -> None:
    listed = set(re.findall(r"^\| `(heedful_\w+)`", made["metrics.md"], re.MULTILINE))
    registered = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in REGISTRY.collect()
        if family.name.startswith("heedful_")
    }
    assert listed == registered


# asyncapi.yaml


def test_asyncapi_has_the_shape_of_its_specification(asyncapi: dict[str, Any]) -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(asyncapi)


def test_the_command_prints_it() -> None:
    result = CliRunner().invoke(cli, ["asyncapi"])
    assert result.exit_code == 0
    assert result.output == documents_asyncapi.render()


def test_every_topic_and_its_dead_letters_have_a_channel(asyncapi: dict[str, Any]) -> None:
    addresses = [channel["address"] for channel in asyncapi["channels"].values()]
    assert sorted(addresses) == sorted(name for topic in TOPICS for name in (topic.name, topic.dlq))
    assert len(asyncapi["operations"]) == len(addresses)


def test_channels_say_what_the_bus_creates(asyncapi: dict[str, Any]) -> None:
    bus = KafkaBus(KafkaSettings(bootstrap_servers="nowhere:9092"), "test")
    retention = {topic.name: topic.retention for topic in TOPICS}
    retention |= {topic.dlq: DLQ_RETENTION for topic in TOPICS}
    for channel in asyncapi["channels"].values():
        address, binding = channel["address"], channel["bindings"]["kafka"]
        created = bus._new_topic(
            address, binding["partitions"], retention[address].total_seconds()
        ).topic_configs
        told = binding["topicConfiguration"]
        assert {name: str(value) for name, value in told.items() if name != "cleanup.policy"} == {
            name: value for name, value in created.items() if name != "cleanup.policy"
        }
        assert told["cleanup.policy"] == [created["cleanup.policy"]]


@pytest.mark.parametrize("name", ["asyncapi", "openapi"])
def test_references_lead_somewhere(name: str, request: pytest.FixtureRequest) -> None:
    document = request.getfixturevalue(name)
    for reference in references(document):
        part = document
        for step in reference.removeprefix("#/").split("/"):
            part = part[step.replace("~1", "/").replace("~0", "~")]


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def record() -> Outgoing:
    feedback = Feedback(
        tenant="shop",
        source="callcentre",
        id="1",
        channel=Channel.CALL,
        text="刹车失灵",
        occurred_at=NOW,
        received_at=NOW,
    )
    return to_record(
        FEEDBACK_RECEIVED,
        feedback,
        id="1",
        source="/shop/callcentre",
        key="0a" * 16,
        time=NOW,
        traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01",
    )


def valid(asyncapi: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    whole = {"allOf": [schema], "components": asyncapi["components"]}
    jsonschema.Draft7Validator(whole).validate(value)


def test_a_record_has_the_documented_shape(asyncapi: dict[str, Any]) -> None:
    message = asyncapi["components"]["messages"]["FeedbackReceived"]
    written = record()
    headers = {name: value.decode() for name, value in written.headers}
    valid(asyncapi, message["headers"], headers)
    valid(asyncapi, message["payload"], json.loads(written.value or b""))
    with pytest.raises(jsonschema.ValidationError):
        valid(asyncapi, message["headers"], {**headers, "ce_type": "voc.other.v1"})
    known = asyncapi["components"]["schemas"]["CloudEventHeaders"]["properties"]
    assert set(headers) == set(known)


def test_a_newer_payload_is_still_valid(asyncapi: dict[str, Any]) -> None:
    message = asyncapi["components"]["messages"]["FeedbackReceived"]
    payload = {**json.loads(record().value or b""), "field_of_tomorrow": 1}
    valid(asyncapi, message["payload"], payload)


def test_a_dead_letter_has_the_documented_headers(asyncapi: dict[str, Any]) -> None:
    read = record()
    letter = dead_letter(
        LogRecord(read.topic, 0, 7, 1, read.key, read.value, read.headers),
        InvalidMessage("bad_payload", "text: Field required"),
        group="heedful.nlp",
        attempts=1,
        failed_at=NOW,
    )
    headers = {name: value.decode() for name, value in letter.headers}
    schema = asyncapi["components"]["messages"]["DeadLetter"]["headers"]
    valid(asyncapi, schema, headers)
    told = asyncapi["components"]["schemas"]["DeadLetterHeaders"]["properties"]
    assert set(told) == set(headers) - {name for name, _ in read.headers}


# openapi.json


def test_every_route_asks_for_a_key_and_fails_with_a_problem(openapi: dict[str, Any]) -> None:
    for path, operations in openapi["paths"].items():
        for operation in operations.values():
            keyless = not path.startswith("/v1/") or path.startswith("/v1/channels/")
            assert ("security" in operation) != keyless, path
            for status, response in operation["responses"].items():
                if path.startswith("/v1/") and int(status) >= 400:
                    assert response["$ref"].startswith(f"#/components/responses/{status}.")
    assert set(openapi["paths"]) >= {"/v1/feedback", "/v1/enrich", "/v1/cases", "/healthz"}


def test_operations_are_named_once(openapi: dict[str, Any]) -> None:
    names = [
        operation["operationId"]
        for operations in openapi["paths"].values()
        for operation in operations.values()
    ]
    assert len(names) == len(set(names))


# The pages


PAGES = [*sorted(DOCS.glob("*.md")), *sorted(DOCS.glob("decisions/*.md"))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_links_and_commands_of_a_page_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert (page.parent / target).exists(), target
    commands = set(cli.list_commands(None))  # type: ignore[arg-type]
    blocks = "\n".join(re.findall(r"```\n(.*?)```", text, re.DOTALL))
    used = set(re.findall(r"^heedful ([a-z]+)", blocks, re.MULTILINE))
    used |= set(re.findall(r"`heedful ([a-z]+)[ `]", text))
    assert used <= commands
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        compile(code, str(page), "exec")


@pytest.mark.parametrize("page", sorted(DOCS.glob("decisions/*.md")), ids=lambda page: page.name)
def test_a_decision_is_short_and_complete(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(rf"# {int(page.name[:4])}\. .+", lines[0])
    headings = [line for line in lines if line.startswith("## ")]
    assert headings == ["## Context", "## Decision", "## Consequences"]
    assert len(lines) <= 30
