"""The command line: lazy commands, clear errors."""

import json
import re
import tempfile
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from heedful.cli import main as command_line
from heedful.cli.documents_configuration import variables
from heedful.cli.main import cli
from heedful.common.environment import load
from heedful.common.security import Scope
from heedful.common.settings import PREFIX, Settings
from heedful.common.topics import TOPICS


def test_help_lists_every_command() -> None:
    result = CliRunner().invoke(cli, ["--help"])
    assert result.exit_code == 0
    for name in ("up", "demo", "enrich", "topics", "migrate", "keys", "asyncapi", "version"):
        assert f"\n  {name}" in result.output


def test_version() -> None:
    result = CliRunner().invoke(cli, ["version"])
    assert result.output.strip().count(".") == 2


def test_topics_export_holds_every_topic_and_its_dead_letter_queue() -> None:
    result = CliRunner().invoke(cli, ["topics", "export"])
    names = {topic["name"] for topic in json.loads(result.output)}
    assert names == {name for topic in TOPICS for name in (topic.name, topic.dlq)}


def test_migrate_without_a_database_says_what_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    # In the folder of whoever runs the tests a platform may be running, with a database.
    monkeypatch.setenv("HEEDFUL_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["heedful", "migrate"])
    with pytest.raises(SystemExit) as stopped:
        command_line.main()
    assert stopped.value.code == 1
    assert "HEEDFUL_DATABASE_URL is not set" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense"])
def test_wrong_database_url(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HEEDFUL_DATABASE_URL", url)
    monkeypatch.setattr("sys.argv", ["heedful", "migrate"])
    with pytest.raises(SystemExit):
        command_line.main()
    assert "must have the form postgresql://" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "variables", "said"),
    [
        (["up"], {"DATA_DIR": "/dev/null/x"}, "set HEEDFUL_DATA_DIR to a folder that can be writ"),
        (["demo"], {"API_KEYS": "abc"}, "HEEDFUL_API_KEYS: each entry has the form"),
        (["demo"], {"DATA_DIR": "/nowhere"}, "no API key: give --key"),
        (["demo", "--key", "k", "--ingest-url", "http://127.0.0.1:1"], {}, "--ingest-url"),
        (["keys", "revoke", "k-1"], {"DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, "PostgreSQL"),
        (["dlq", "list"], {"DATABASE_URL": "postgresql://x@127.0.0.1:1/x"}, "PostgreSQL"),
        (["dlq", "list"], {"DATA_DIR": "/nowhere"}, "HEEDFUL_DATABASE_URL is not set"),
    ],
)
def test_what_is_in_the_way_is_told_in_one_line(
    command: list[str],
    variables: dict[str, str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("heedful.cli.demo._START_EVERY_S", 0)
    for name, value in variables.items():
        monkeypatch.setenv(f"HEEDFUL_{name}", value)
    monkeypatch.setattr("sys.argv", ["heedful", *command])
    with pytest.raises(SystemExit) as stopped:
        command_line.main()
    assert stopped.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("heedful: ")
    assert said in line


@pytest.mark.parametrize("scope", ["*", *(scope.value for scope in Scope)])
def test_a_key_is_made_with_the_scopes_as_they_are_documented(scope: str) -> None:
    command = cli.get_command(click.Context(cli), "keys")
    assert isinstance(command, click.Group)
    create = command.commands["create"]
    context = create.make_context("create", ["--tenant", "shop", "--scope", scope])
    assert context.params["scopes"] == (scope,)


def test_data_folder_in_use_is_told() -> None:
    from heedful.cli.postgres import embedded_postgres
    from heedful.common.errors import ConfigurationError

    # Not in pytest's own folder: a second run beside this one shuts PostgreSQL's user out of it.
    with (
        tempfile.TemporaryDirectory(prefix="heedful-main-") as folder,
        embedded_postgres(Path(folder)),
        pytest.raises(ConfigurationError, match="another heedful runs on"),
        embedded_postgres(Path(folder)),
    ):
        pass


def test_no_variable_of_a_service_or_command_passes_for_a_misspelt_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    documented = (Path(__file__).parents[3] / "docs" / "configuration.md").read_text()
    shared = {one.name for one in variables(Settings, PREFIX)}
    for name in re.findall(r"^\| `(HEEDFUL_\w+)`", documented, re.MULTILINE):
        if name not in shared:
            monkeypatch.setenv(name, "given")
    assert load(Settings) == Settings()
