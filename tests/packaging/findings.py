"""What checkov found, held against what is argued. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any


def faults(reports: Iterable[Mapping[str, Any]], argued: Mapping[str, str]) -> Iterator[str]:
    """What is neither mended nor argued, and what is argued in vain.

    Args:
        reports: of `checkov --output json`, one for each kind of file.
        argued: id of a check -> why it fails on purpose.
    """
    reports = list(reports)
    failed = [one for report in reports for one in report["results"]["failed_checks"]]
    for one in failed:
        if one["check_id"] not in argued:
            place = f"{one['file_path']}: {one['resource']}"
            yield f"{place}: {one['check_id']}, {one['check_name']}"
    found = {one["check_id"] for one in failed}
    yield from (f"{check} is argued and not found" for check in argued if check not in found)
    for report in reports:
        yield from (f"{one}: cannot be read" for one in report["results"]["parsing_errors"])
        if not report["results"]["passed_checks"]:
            yield f"{report['check_type']}: nothing was checked"
