"""Receivers of every temper, and signatures that two others than we verify."""

import asyncio
import base64
import hashlib
import hmac
import logging
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from heedful.alerting.endpoint_kinds import EndpointKind
from tests.integration.alerting.receiver import time_of
from tests.integration.alerting.robots import (
    Robot,
    Said,
    closing,
    dripping,
    echoing,
    hanging,
)
from tests.integration.alerting.world import (
    HOUR,
    KEY,
    SECRET,
    Make,
    World,
    enriched,
    feedback,
    send,
)
from tests.integration.conftest import TENANT


async def outcome(world: World) -> tuple[Any, Any]:
    """The delivery and its last try."""
    (row,) = await world.query("SELECT * FROM alerting.delivery")
    tries = await world.query("SELECT * FROM alerting.attempt ORDER BY number DESC")
    return row, tries[0]


def by_hand(secret: str, headers: Any, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def by_library(secret: str, headers: Any, body: bytes) -> str:
    at = time_of(headers["webhook-timestamp"])
    found: str = Webhook(secret).sign(headers["webhook-id"], at, body.decode())
    return found


async def test_rotation_signs_twice_until_the_overlap_is_over(
    world: World, robot: Robot, make: Make
) -> None:
    await world.add_endpoint(robot.url)
    rotated = await world.endpoints().rotate(TENANT, "ep", None, HOUR, KEY)
    assert rotated is not None
    endpoint, new = rotated
    assert endpoint.previous_until == world.now + HOUR
    loop = make()
    await world.consume(enriched(feedback(1)))
    await send(loop)
    world.now += HOUR
    await world.consume(enriched(feedback(2)))
    await send(loop)
    for verify in (by_hand, by_library):
        first, second = zip(robot.headers, robot.bodies, strict=True)
        assert first[0]["webhook-signature"].split() == [
            verify(new, *first),
            verify(SECRET, *first),
        ]
        assert second[0]["webhook-signature"] == verify(new, *second)


async def test_the_timestamp_is_of_the_try_and_the_rest_of_the_first(
    world: World, robot: Robot, make: Make
) -> None:
    await world.add_endpoint(robot.url)
    robot.answers = [Said(500)]
    await world.consume(enriched(feedback()))
    loop = make()
    await send(loop)
    world.now += timedelta(minutes=2)
    await send(loop)
    first, second = robot.headers
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 120
    assert robot.bodies[0] == robot.bodies[1]
    assert second["webhook-signature"] == by_hand(SECRET, second, robot.bodies[1])


@pytest.mark.parametrize("kind", ["hang", "drip"])
async def test_one_that_does_not_come_to_an_end_is_left_alone_for_a_minute(
    world: World, robot: Robot, make: Make, kind: str
) -> None:
    release = asyncio.Event()
    robot.answers = [hanging(release) if kind == "hang" else dripping(release)]
    await world.add_endpoint(robot.url)
    await world.consume(enriched(feedback()))
    await send(make(timeout_seconds=0.3))
    release.set()
    row, tried = await outcome(world)
    assert tried.error == "no answer within 0.3 s"
    assert row.due_at - world.now >= timedelta(seconds=60)


async def test_one_that_hangs_up(world: World, robot: Robot, make: Make) -> None:
    robot.answers = [closing]
    await world.add_endpoint(robot.url)
    await world.consume(enriched(feedback()))
    await send(make())
    row, tried = await outcome(world)
    assert (row.state, tried.status) == ("pending", None)
    assert tried.error == "not reachable: ServerDisconnectedError"


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        (Said(500), 5, 5),
        (Said(429), 60, 60),
        (Said(502), 60, 60),
        (Said(429, headers={"retry-after": "90"}), 90, 90),
        (Said(503, headers={"retry-after": "86400"}), 120, 120),
        (Said(500, headers={"retry-after": "1"}), 5, 5),
        (Said(302, headers={"location": "/elsewhere"}), 5, 5),
        (Said(308, headers={"location": "http://169.254.169.254/"}), 5, 5),
    ],
)
async def test_when_it_is_tried_again(
    world: World, robot: Robot, make: Make, said: Said, least: int, most: int
) -> None:
    robot.answers = [said]
    await world.add_endpoint(robot.url)
    await world.consume(enriched(feedback()))
    await send(make())
    row, tried = await outcome(world)
    assert len(robot.bodies) == 1
    assert tried.status == said.status
    waited = row.due_at - tried.at
    assert timedelta(seconds=least) <= waited <= timedelta(seconds=most)


async def test_the_answer_is_kept_and_cut(world: World, robot: Robot, make: Make) -> None:
    robot.answers = [Said(500, b"no \x00 room \xff" + b"x" * 50_000)]
    await world.add_endpoint(robot.url)
    await world.consume(enriched(feedback()))
    await send(make())
    _, tried = await outcome(world)
    assert tried.response.startswith("no  room \ufffd")
    assert len(tried.response) <= 20 * 1024


@pytest.mark.parametrize("kind", [EndpointKind.STANDARD, EndpointKind.DINGTALK])
async def test_an_echo_leaves_nothing_of_the_request(
    world: World,
    robot: Robot,
    make: Make,
    kind: EndpointKind,
    caplog: pytest.LogCaptureFixture,
) -> None:
    robot.answers = [echoing]
    if kind is EndpointKind.STANDARD:
        await world.add_endpoint(robot.url)
    else:
        await world.add_robot(kind, robot.url, "SECabcdefgh")
    await world.consume(enriched(feedback()))
    with caplog.at_level(logging.DEBUG):
        await send(make())
    _, tried = await outcome(world)
    leaks = ["t0ken-of-it", "SECabcdefgh", SECRET, "起火", "v1,"]
    leaks += list(robot.queries[0].values())
    for leak in leaks:
        assert leak not in tried.response
        assert leak not in caplog.text
