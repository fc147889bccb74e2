"""What a scanner found is mended or argued."""

from typing import Any

from tests.packaging.findings import faults

FAILED = {
    "check_id": "CKV_1",
    "check_name": "Should be so",
    "file_path": "/a.yaml",
    "resource": "Deployment.a",
}


def report(*failed: dict[str, str], **more: list[str]) -> dict[str, Any]:
    results = {"passed_checks": ["one"], "failed_checks": list(failed), "parsing_errors": []}
    return {"check_type": "kubernetes", "results": {**results, **more}}


def test_what_is_argued_passes() -> None:
    assert list(faults([report(FAILED), report()], {"CKV_1": "on purpose"})) == []


def test_what_is_not_says_where_and_what() -> None:
    assert list(faults([report(FAILED)], {})) == [
        "/a.yaml: Deployment.a: CKV_1, Should be so",
    ]


def test_nothing_is_argued_in_vain() -> None:
    assert list(faults([report()], {"CKV_1": "once"})) == ["CKV_1 is argued and not found"]


def test_a_scan_that_read_nothing_is_no_success() -> None:
    assert list(faults([report(passed_checks=[])], {})) == ["kubernetes: nothing was checked"]
    assert list(faults([report(parsing_errors=["/a.yaml"])], {})) == ["/a.yaml: cannot be read"]
