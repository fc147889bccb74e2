"""A wrong data file says which file, which key, and what to mend."""

import pytest

from heedful.common.datafiles import DataError, parse
from heedful.nlp.policy_file import PolicyFile
from heedful.nlp.resources import read_text
from heedful.nlp.rules import Rule, Rules
from heedful.nlp.urgency import UrgencyFile


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("rules: [", "not YAML"),
        ('version: "1"', "rules: missing; add it"),
        ('version: "1"\nrules: []', "rules:"),
        ('version: "1"\nrules: [{code: A B}]', r"rules\.0 \(A B\)\.code"),
        ("version: 1\nrules: []", "version"),
        ("[]", "the file"),
        ("version: no\nrules: []", "quote them"),
    ],
)
def test_faults_name_file_and_key(content: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        parse("policy.yaml", content, PolicyFile)
    assert str(caught.value).startswith("policy.yaml: ")


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(DataError, match="colour_of: there is no such key"):
        parse("urgency.yaml", 'colour_of: red\nversion: "1"', UrgencyFile)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(DataError, match=r"nothing\.yaml"):
        read_text("nothing.yaml")


def rule(code: str, pattern: str) -> Rule:
    return Rule(code=code, zh="甲", en="A", patterns=(pattern,))


def test_a_bad_pattern_is_named() -> None:
    with pytest.raises(DataError, match=r"rules\.yaml: patterns: '%次'"):
        Rules("rules.yaml", [rule("a", "%次")])


def test_a_code_used_twice_is_named() -> None:
    with pytest.raises(DataError, match="a defined twice"):
        Rules("rules.yaml", [rule("a", "x"), rule("a", "y")])
