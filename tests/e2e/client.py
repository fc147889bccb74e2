"""A sender as a call centre would write it: it sends again until it has a 202."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

import httpx

from tests.e2e.stack import KEY, Stack

Item = dict[str, Any]

RETRY_FOR_S = 90.0
_PATHS = {"feedback": "/v1/feedback/batch", "interactions": "/v1/interactions/batch"}


class Client:
    """Talks to one stack; keeps no state but the connection."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._http = httpx.Client(headers={"X-API-Key": KEY}, timeout=30)

    def post(self, kind: str, items: Sequence[Item]) -> None:
        """Post a batch until every item is in the log."""
        deadline = time.monotonic() + RETRY_FOR_S
        while True:
            try:
                answer = self._http.post(self._stack.url("ingest") + _PATHS[kind], json=list(items))
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 202:
                return
            if answer is not None and answer.status_code != 503:
                raise AssertionError(f"{answer.status_code}: {answer.text[:500]}")
            assert time.monotonic() < deadline, "no 202 in time"
            time.sleep(0.2)

    def get(self, service: str, path: str, **params: Any) -> Any:
        answer = self._http.get(self._stack.url(service) + path, params=params)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    def text(self, service: str, path: str) -> str:
        return self._http.get(self._stack.url(service) + path).text

    def pages(self, service: str, path: str, **params: Any) -> Iterator[Item]:
        """Every item of a paginated resource."""
        cursor: str | None = None
        while True:
            extra = {} if cursor is None else {"cursor": cursor}
            page = self.get(service, path, limit=200, **params, **extra)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def action(self, case_id: str, action: str, body: Item) -> Item:
        answer = self._http.post(
            f"{self._stack.url('alerting')}/v1/cases/{case_id}/{action}", json=body
        )
        assert answer.status_code == 200, answer.text
        found: Item = answer.json()
        return found
