"""Which licences the images may hold."""

import pytest

from tests.packaging.locked import Locked
from tests.packaging.policy import faults, parsed
from tests.packaging.spdx import refused
from tests.packaging.statements import stated

POLICY = parsed(
    """
    allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
    [spellings]
    "Apache 2" = "Apache-2.0"
    [read]
    quiet = "MIT"
    [[exception]]
    licence = "MPL-2.0"
    packages = ["certs"]
    reason = "unchanged"
    """
)
CERTS, QUIET = Locked("certs", "1", "", frozenset()), Locked("quiet", "1", "", frozenset())
SAID = {"certs==1": "MPL-2.0", "quiet==1": ""}


@pytest.mark.parametrize(
    ("expression", "against"),
    [
        ("MIT", set()),
        ("mit OR GPL-3.0-only", set()),
        ("MIT AND GPL-3.0-only", {"GPL-3.0-only"}),
        ("Apache-2.0 WITH LLVM-exception", set()),
        ("MIT WITH LLVM-exception", {"MIT WITH LLVM-exception"}),
        ("MPL-2.0 AND (GPL-2.0-only OR MIT)", {"MPL-2.0"}),
        ("(MIT OR GPL-2.0-only) AND (ISC OR GPL-3.0-only)", {"ISC"}),
        ("GPL-2.0-only AND ISC OR MIT", set()),
    ],
)
def test_one_side_of_an_or_is_enough(expression: str, against: set[str]) -> None:
    assert refused(expression, POLICY.allowed.__contains__) == against


def test_what_is_no_expression_is_refused() -> None:
    with pytest.raises(ValueError, match="no SPDX"):
        refused("do what you like", POLICY.allowed.__contains__)


def test_what_is_allowed_read_or_argued_passes() -> None:
    assert list(faults(POLICY, SAID, [CERTS, QUIET])) == []
    spelled = Locked("spelled", "1", "", frozenset())
    assert list(faults(POLICY, {**SAID, "spelled==1": "Apache 2"}, [CERTS, QUIET, spelled])) == []


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("GPL-3.0-only", "new==1: GPL-3.0-only is not allowed"),
        ("MPL-2.0", "new==1: MPL-2.0 is not allowed"),
        ("", "no SPDX"),
        (None, "make licences"),
    ],
)
def test_another_licence_does_not(said: str | None, fault: str) -> None:
    new = Locked("new", "1", "", frozenset())
    known = SAID if said is None else {**SAID, "new==1": said}
    (found,) = faults(POLICY, known, [CERTS, QUIET, new])
    assert fault in found


def test_an_exception_that_nobody_needs_is_a_fault() -> None:
    assert any("exception of MPL-2.0" in one for one in faults(POLICY, SAID, [QUIET]))
    assert any("[read] quiet" in one for one in faults(POLICY, SAID, [CERTS]))


@pytest.mark.parametrize(
    ("metadata", "statement"),
    [
        ({"license_expression": "MIT", "license": "other"}, "MIT"),
        ({"license": "Apache 2.0"}, "Apache 2.0"),
        ({"license": "Permission is hereby\ngranted"}, ""),
        (
            {"license": "BSD", "classifier": ["License :: OSI Approved :: BSD License"]},
            "BSD License",
        ),
        ({}, ""),
    ],
)
def test_the_most_exact_statement_counts(metadata: dict[str, object], statement: str) -> None:
    assert stated(metadata) == statement
