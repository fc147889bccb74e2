"""`heedful policy check`: usable, or what to mend."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from heedful.cli import main as command_line
from heedful.cli.policy import policy
from tests.policies import policy_file


def test_a_policy_that_can_be_used_is_summed_up(tmp_path: Path) -> None:
    path = policy_file(tmp_path, "{churn: true}")
    result = CliRunner().invoke(policy, ["check", str(path)])
    assert result.exit_code == 0, result.output
    assert "2 rules (1 red, 1 grey): usable" in result.output


def test_a_wrong_one_says_what_to_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = policy_file(tmp_path, "{churm: true}")
    monkeypatch.setattr("sys.argv", ["heedful", "policy", "check", str(path)])
    with pytest.raises(SystemExit) as stopped:
        command_line.main()
    assert stopped.value.code == 1
    said = capsys.readouterr().err
    assert "rules.0 (asked).when.churm: there is no such key; did you mean churn?" in said
    assert "Traceback" not in said
