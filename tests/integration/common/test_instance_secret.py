"""Secrets that all processes of one database share."""

import asyncio

import pytest
from sqlalchemy import text

from heedful.common.errors import ConfigurationError
from heedful.common.security.secrets import SecretBox, instance_secret
from heedful.common.service import Platform


async def test_it_is_made_once_and_shared(platform: Platform) -> None:
    made = await asyncio.gather(
        *(instance_secret(platform.engine, platform.secrets, "partition-key") for _ in range(5))
    )
    assert len(set(made)) == 1
    assert len(made[0]) == 32
    assert await instance_secret(platform.engine, platform.secrets, "another") != made[0]


async def test_it_is_kept_sealed_under_its_name(platform: Platform) -> None:
    secret = await instance_secret(platform.engine, platform.secrets, "partition-key")
    async with platform.engine.begin() as connection:
        sealed = await connection.scalar(text("SELECT sealed FROM common.instance_secret"))
        assert secret not in bytes(sealed)
        await connection.execute(text("UPDATE common.instance_secret SET name = 'another'"))
    with pytest.raises(ConfigurationError):
        await instance_secret(platform.engine, platform.secrets, "another")
    with pytest.raises(ConfigurationError, match="same keys"):
        await instance_secret(platform.engine, SecretBox({"other": b"o" * 32}), "another")
