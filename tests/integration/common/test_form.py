"""Forms with files: how many parts, and how large."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Request

from heedful.common.http.form import FormLimits, form_of
from heedful.common.http.route import Route
from heedful.common.service import Platform, Service
from tests.integration.common.world import PRIVATE, client_of, problem

LIMITS = FormLimits(files=2, fields=3, field_bytes=1000)


@pytest.fixture
async def client(platform: Platform) -> AsyncIterator[httpx.AsyncClient]:
    routes = APIRouter(route_class=Route)

    @routes.post("/v1/letters")
    async def post(request: Request) -> dict[str, int]:
        async with form_of(request, LIMITS) as form:
            return {"parts": len(form.multi_items())}

    async with client_of(platform, [Service("letters", [routes])]) as made:
        yield made


def files(count: int, size: int = 10) -> list[tuple[str, Any]]:
    return [(f"f{number}", ("a.csv", b"x" * size, "text/csv")) for number in range(count)]


async def test_a_form_within_its_limits_is_read(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/v1/letters", data={"a": "1", "b": "2", "c": "3"}, files=files(2, size=2_000_000)
    )
    assert answer.json() == {"parts": 5}


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({}, files(3)),
        (dict.fromkeys("abcd", "1"), files(1)),
        ({"a": "x" * 1001}, files(1)),
        (dict.fromkeys("abcd", "1"), None),
    ],
)
async def test_more_is_413_with_the_limits(
    client: httpx.AsyncClient, fields: dict[str, str], sent: Any
) -> None:
    answer = await client.post("/v1/letters", data=fields, files=sent)
    detail = problem(answer, 413, "too-large")["detail"]
    assert "2 files and 3 fields of at most 1000 bytes" in detail


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("multipart/form-data", b""),
        ("multipart/form-data; boundary=b", PRIVATE.encode()),
        ("multipart/form-data; boundary=b", b"--b\r\ncontent-type: text/csv\r\n\r\n1\r\n--b--"),
    ],
)
async def test_what_is_no_form_is_told_without_quoting_it(
    client: httpx.AsyncClient, media: str, body: bytes
) -> None:
    answer = await client.post("/v1/letters", content=body, headers={"content-type": media})
    problem(answer, 400, "bad-form")
    assert PRIVATE not in answer.text
