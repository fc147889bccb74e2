"""Every error is a problem object (RFC 9457) that tells what, where and how to mend it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from http import HTTPStatus

import httpx
import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from heedful.common.service import Platform
from tests.integration.common.world import PRIVATE, Shop, client_of, problem


async def test_an_unknown_path(client: httpx.AsyncClient) -> None:
    body = problem(await client.get("/v1/nothing"), 404, "not-found")
    assert body == {
        "type": "https://heedful.dev/problems/not-found",
        "title": "Not Found",
        "status": 404,
        "detail": "no such path; see /docs",
    }


async def test_an_unknown_method_says_which_ones_there_are(client: httpx.AsyncClient) -> None:
    response = await client.patch("/v1/trace")
    body = problem(response, 405, "method-not-allowed")
    assert body["detail"] == "this path does not take this method, only GET"
    assert response.headers["allow"] == "GET"


async def test_allow_names_the_methods_of_all_routes_of_a_path(client: httpx.AsyncClient) -> None:
    response = await client.patch("/v1/orders")
    assert response.headers["allow"] == "GET, POST, PUT"
    response = await client.patch("/v1/orders/7")
    assert response.headers["allow"] == "DELETE, GET"


async def test_a_slash_too_many_is_told_and_not_redirected(client: httpx.AsyncClient) -> None:
    problem(await client.post("/v1/orders/", json={}), 404, "not-found")


@pytest.mark.parametrize(
    ("body", "at", "said"),
    [
        ({"remark": "x"}, "body.remark", "there is no such field"),
        ({"lines": [{"pieces": 1}]}, "body.lines.0.article", "is missing"),
        ({"lines": ["x"]}, "body.lines.0", "should be an object"),
        ({"labels": "x"}, "body.labels", "should be a list"),
        ({"due": "2026-11-24T08:15:00"}, "body.due", "with its offset: 2026-11-24T08:15:00+08:00"),
        ({"due": "tomorrow"}, "body.due", "with its offset: 2026-11-24T08:15:00+08:00"),
        ({"note": "a\0b"}, "body.note", "the character U+0000 is not taken"),
    ],
)
async def test_what_is_wrong_is_said_for_who_wrote_the_request(
    client: httpx.AsyncClient, body: dict[str, object], at: str, said: str
) -> None:
    response = await client.post("/v1/orders", json=body)
    (error,) = problem(response, 422, "invalid")["errors"]
    assert error["at"] == at
    assert said in error["message"]


async def test_a_plus_in_a_url_is_a_space_and_that_is_told(client: httpx.AsyncClient) -> None:
    response = await client.get("/v1/due?at=2026-11-24T08:15:00+08:00")
    (error,) = problem(response, 422, "invalid")["errors"]
    assert error["at"] == "query.at"
    assert "in a URL + as %2B" in error["message"]


@pytest.mark.parametrize(
    ("content", "at"),
    [
        (b"{}", None),
        (b'{"lines":[{"article":"a","pieces":0}]}', "body.lines.0.pieces"),
        (
            b'{"lines":[{"article":"a","pieces":"' + PRIVATE.encode() + b'"}]}',
            "body.lines.0.pieces",
        ),
        (b'{"lines":[{"pieces":1}]}', "body.lines.0.article"),
        (b'{"note":"' + PRIVATE.encode() * 3 + b'"}', "body.note"),
        (b'{"note":["' + PRIVATE.encode() + b'"]}', "body.note"),
        (b'{"remark":"' + PRIVATE.encode() + b'"}', "body.remark"),
        (b'"' + PRIVATE.encode() + b'"', "body"),
        (b"null", "body"),
        (b"", "body"),
    ],
)
async def test_a_body_of_another_shape_is_told_by_place_and_not_by_value(
    client: httpx.AsyncClient, content: bytes, at: str | None
) -> None:
    response = await client.post(
        "/v1/orders", content=content, headers={"content-type": "application/json"}
    )
    if at is None:
        assert response.status_code == 201
        return
    errors = problem(response, 422, "invalid")["errors"]
    assert [error["at"] for error in errors] == [at]
    assert all(error.keys() == {"at", "message"} and error["message"] for error in errors)
    assert PRIVATE not in response.text


async def test_a_body_that_is_no_json_is_told_without_quoting_it(
    client: httpx.AsyncClient,
) -> None:
    response = await client.post(
        "/v1/orders",
        content=b'{"note": "' + PRIVATE.encode(),
        headers={"content-type": "application/json"},
    )
    (error,) = problem(response, 422, "invalid")["errors"]
    assert error["at"].startswith("body.")
    assert error["message"].startswith("not JSON: ")
    assert PRIVATE not in response.text


@pytest.mark.parametrize("media", ["application/x-www-form-urlencoded", "text/plain", None])
async def test_a_body_without_the_media_type_of_json_is_told_which_header_is_missing(
    client: httpx.AsyncClient, media: str | None
) -> None:
    headers = {} if media is None else {"content-type": media}
    response = await client.post("/v1/orders", content=b'{"note":"a"}', headers=headers)
    (error,) = problem(response, 422, "invalid")["errors"]
    assert error["at"] == "body"
    assert "Content-Type: application/json" in error["message"]


async def test_every_fault_of_a_body_is_told(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/v1/orders", json={"note": 5, "lines": [{"article": 5, "pieces": -1}]}
    )
    errors = problem(response, 422, "invalid")["errors"]
    assert {error["at"] for error in errors} == {
        "body.note",
        "body.lines.0.article",
        "body.lines.0.pieces",
    }


async def test_a_part_of_the_path_of_another_shape(client: httpx.AsyncClient) -> None:
    response = await client.get("/v1/orders/first")
    (error,) = problem(response, 422, "invalid")["errors"]
    assert error["at"] == "path.number"
    assert "first" not in response.text


async def test_a_problem_of_a_service_keeps_its_members_and_headers(
    client: httpx.AsyncClient,
) -> None:
    response = await client.get("/v1/failures/problem")
    body = problem(response, 409, "sold-out")
    assert (body["title"], body["detail"], body["left"]) == ("Conflict", "sold out", 0)
    assert response.headers["x-shop"] == "1"


async def test_a_bug_is_500_without_trace_or_text(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = await client.get("/v1/failures/bug")
    body = problem(response, 500, "internal")
    assert body["detail"] == "unexpected error; it was logged"
    assert PRIVATE not in response.text
    assert "Traceback" not in response.text
    logged = [record for record in caplog.records if record.message == "unexpected error"]
    assert len(logged) == 1
    assert logged[0].exc_info is not None


@pytest.mark.parametrize("kind", ["bus", "connection", "timeout", "database"])
async def test_what_fails_behind_the_service_is_503_to_be_sent_again(
    client: httpx.AsyncClient, kind: str
) -> None:
    response = await client.get(f"/v1/failures/{kind}")
    problem(response, 503, "unavailable")
    assert int(response.headers["retry-after"]) > 0
    assert PRIVATE not in response.text


async def test_the_log_of_a_database_error_holds_no_parameters(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await client.get("/v1/failures/database")
    (record,) = (record for record in caplog.records if record.message == "unavailable")
    assert record.exc_info is not None
    error = record.exc_info[1]
    assert "division by zero" in str(error)
    assert "SELECT" in str(error)
    assert PRIVATE not in str(error)


async def test_an_exhausted_pool_is_503(client: httpx.AsyncClient, shop: Shop) -> None:
    shop.failure = PoolTimeoutError()
    problem(await client.post("/v1/orders", json={}), 503, "unavailable")


async def test_another_http_error_has_the_phrase_of_its_status(client: httpx.AsyncClient) -> None:
    response = await client.get("/v1/failures/http")
    body = problem(response, 418, "i'm-a-teapot")
    assert body["title"] == HTTPStatus(418).phrase
    assert PRIVATE not in response.text


class TestTooLarge:
    """Bodies above HEEDFUL_HTTP__MAX_BODY_BYTES."""

    LIMIT = 2000

    @pytest.fixture
    async def client(self, platform: Platform, shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
        settings = platform.settings
        small = settings.model_copy(
            update={"http": settings.http.model_copy(update={"max_body_bytes": self.LIMIT})}
        )
        given = replace(platform, settings=small)
        async with client_of(given, [shop.service()]) as made:
            yield made

    def _body(self, size: int) -> bytes:
        body = b'{"note":""}'
        return body + b" " * (size - len(body))

    async def test_one_that_says_so_is_not_even_read(
        self, client: httpx.AsyncClient, shop: Shop
    ) -> None:
        body = problem(
            await client.post("/v1/orders", content=self._body(self.LIMIT + 1)), 413, "too-large"
        )
        assert str(self.LIMIT) in body["detail"]
        assert shop.orders == []

    async def test_one_that_does_not_say_its_size(
        self, client: httpx.AsyncClient, shop: Shop
    ) -> None:
        async def parts() -> AsyncIterator[bytes]:
            for _ in range(self.LIMIT // 100 + 1):
                yield b" " * 100

        problem(await client.post("/v1/orders", content=parts()), 413, "too-large")
        problem(
            await client.post("/v1/orders", content=parts(), headers={"Idempotency-Key": "k"}),
            413,
            "too-large",
        )
        assert shop.orders == []

    async def test_one_at_the_limit_is_taken(self, client: httpx.AsyncClient) -> None:
        async def parts() -> AsyncIterator[bytes]:
            yield self._body(self.LIMIT)

        headers = {"content-type": "application/json"}
        told = await client.post("/v1/orders", content=self._body(self.LIMIT), headers=headers)
        untold = await client.post("/v1/orders", content=parts(), headers=headers)
        assert [told.status_code, untold.status_code] == [201, 201]
