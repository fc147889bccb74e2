"""Asks a service over HTTP, for a person."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import httpx2
import orjson
from pydantic import BaseModel, ValidationError

from heedful.common import traceparent
from heedful.common.logging import trace_id
from heedful.common.trace import within
from heedful.console import metrics
from heedful.console.signing import Acting, Alone, Signer
from heedful.console.upstream.errors import (
    Away,
    Conflict,
    Distrusted,
    Forbidden,
    Invalid,
    NotThere,
    UpstreamError,
)

M = TypeVar("M", bound=BaseModel)
Query = Mapping[str, str | int | float | bool | Sequence[str] | None]
"""A sequence is given once for each of its values; None is not given."""

_BY_STATUS: Final[Mapping[int, type[UpstreamError]]] = {
    400: Invalid,
    401: Distrusted,
    403: Forbidden,
    404: NotThere,
    409: Conflict,
    412: Conflict,
    413: Invalid,
    422: Invalid,
    429: Away,
    503: Away,
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """How the console proves itself and those it asks for."""

    keys: Mapping[str, str]
    signer: Signer
    now: Callable[[], datetime]

    def headers(self, acting: Acting | Alone) -> dict[str, str]:
        proof = {"X-API-Key": self.keys[acting.tenant]}
        if isinstance(acting, Acting):
            proof["X-Actor-Token"] = self.signer.token(acting, self.now())
        return proof


@dataclass(frozen=True, slots=True)
class Caller:
    """One service, asked for one person, or by the console for itself."""

    service: str
    http: httpx2.AsyncClient
    credentials: Credentials
    acting: Acting | Alone

    async def get(
        self,
        model: type[M],
        path: str,
        query: Query | None = None,
        *,
        timeout_s: float | None = None,
    ) -> M:
        """
        Raises:
            UpstreamError: it could not be had.
        """
        return self._read(model, await self.send("GET", path, query=query, timeout_s=timeout_s))

    async def post(
        self,
        model: type[M],
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> M:
        """
        Args:
            timeout_s: to wait for an answer that takes long; else as the settings say.

        Raises:
            UpstreamError: it was not done.
        """
        answer = await self.send("POST", path, body=body, headers=headers, timeout_s=timeout_s)
        return self._read(model, answer)

    async def put(self, model: type[M], path: str, body: object) -> M:
        """
        Raises:
            UpstreamError: it was not done.
        """
        return self._read(model, await self.send("PUT", path, body=body))

    async def patch(self, model: type[M], path: str, body: object) -> M:
        """
        Raises:
            UpstreamError: it was not done.
        """
        return self._read(model, await self.send("PATCH", path, body=body))

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float | None = None,
    ) -> httpx2.Response:
        """The answer, which is of 200 to 299.

        Args:
            timeout_s: for what takes long; None: as the settings say.

        Raises:
            UpstreamError: it is none of these.
        """
        given = {**self.credentials.headers(self.acting), **_trace(), **(headers or {})}
        content = None
        if body is not None:
            content = orjson.dumps(body)
            given["Content-Type"] = "application/json"
        asked = (query or {}).items()
        chosen = {name: _written(value) for name, value in asked if value is not None}
        began = time.perf_counter()
        outcome = "away"
        try:
            answer = await self.http.request(
                method,
                path,
                params=chosen,
                content=content,
                headers=given,
                timeout=httpx2.USE_CLIENT_DEFAULT if timeout_s is None else timeout_s,
            )
            if answer.is_success:
                outcome = "ok"
                return answer
            problem = self._problem(answer)
            outcome = "away" if isinstance(problem, Away) else "refused"
            raise problem
        except httpx2.TimeoutException as error:
            raise Away(self.service, "timeout", "it did not answer in time") from error
        except httpx2.TransportError as error:
            raise Away(self.service, "away", "it cannot be reached") from error
        finally:
            took = time.perf_counter() - began
            metrics.UPSTREAM_SECONDS.labels(self.service, outcome).observe(took)

    def _read(self, model: type[M], answer: httpx2.Response) -> M:
        try:
            return model.model_validate_json(answer.content)
        except ValidationError as error:
            where = "; ".join(
                ".".join(map(str, one["loc"])) + ": " + one["msg"] for one in error.errors()[:3]
            )
            raise Away(
                self.service, "not-understood", f"its answer is not as documented ({where})"
            ) from error

    def _problem(self, answer: httpx2.Response) -> UpstreamError:
        try:
            found = orjson.loads(answer.content)
        except orjson.JSONDecodeError:
            found = {}
        told: dict[str, Any] = found if isinstance(found, dict) else {}
        code = str(told.get("type", "")).rpartition("/")[2] or f"http-{answer.status_code}"
        detail = str(told.get("detail") or f"it answered {answer.status_code}")
        kind = _BY_STATUS.get(answer.status_code, Away)
        return kind(self.service, code, detail, told)


def _trace() -> dict[str, str]:
    """The trace goes on in the service (Trace Context §3.2)."""
    traced = traceparent.current()
    if traced is not None:
        return {traceparent.HEADER: traced}
    found = trace_id()
    return {} if found is None else {"traceparent": within(found)}


def _written(value: str | float | bool | Sequence[str]) -> str | list[str]:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else list(value)
