"""Settings come from the environment; wrong ones are named and never shown."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from heedful.common.environment import load
from heedful.common.errors import ConfigurationError
from heedful.common.settings import LogFormat, SaslMechanism, SecurityProtocol, Settings

SECRET = "s3cret-value"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Any:
    def put(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"HEEDFUL_{name}", value)

    return put


def test_nothing_set_is_the_laptop_form() -> None:
    found = load(Settings)
    assert found.database_url is None
    assert found.kafka.bootstrap_servers is None
    assert found.api_keys == found.secret_keys == ()
    assert (found.http.host, found.http.port) == ("127.0.0.1", 8080)
    assert (found.log_level, found.log_format) == ("INFO", LogFormat.JSON)
    assert found.data_dir == Path(".heedful")


def test_every_kind_of_value_is_read(environment: Any) -> None:
    environment(
        DATA_DIR="/data",
        DATABASE_URL="postgresql://u:p@h/d",
        MIGRATE_AT_START="false",
        LOG_LEVEL="DEBUG",
        LOG_FORMAT="console",
        HTTP__PORT="0",
        HTTP__DRAIN_SECONDS="2.5",
        KAFKA__BOOTSTRAP_SERVERS="a:9092,b:9092",
        KAFKA__SECURITY_PROTOCOL="SASL_SSL",
        KAFKA__SASL_MECHANISM="SCRAM-SHA-256",
        KAFKA__SSL_CAFILE="/ca.pem",
        CONSUMER__MAX_TRIES="5",
    )
    found = load(Settings)
    assert found.data_dir == Path("/data")
    assert found.database_url is not None
    assert found.database_url.get_secret_value() == "postgresql://u:p@h/d"
    assert found.migrate_at_start is False
    assert (found.log_level, found.log_format) == ("DEBUG", LogFormat.CONSOLE)
    assert (found.http.port, found.http.drain_seconds) == (0, 2.5)
    assert found.kafka.bootstrap_servers == "a:9092,b:9092"
    assert found.kafka.security_protocol is SecurityProtocol.SASL_SSL
    assert found.kafka.sasl_mechanism is SaslMechanism.SCRAM_SHA_256
    assert found.kafka.ssl_cafile == Path("/ca.pem")
    assert found.consumer.max_tries == 5


@pytest.mark.parametrize("name", ["API_KEYS", "SECRET_KEYS"])
@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("", []),
        (" , ,", []),
        ("one", ["one"]),
        ("one,two", ["one", "two"]),
        (" one , two ,", ["one", "two"]),
        # Not JSON: a list of the environment is written with commas.
        ('["one"]', ['["one"]']),
        ("shop:k3y:feedback:write+cases:read", ["shop:k3y:feedback:write+cases:read"]),
    ],
)
def test_a_list_is_separated_by_commas(
    environment: Any, name: str, value: str, parts: list[str]
) -> None:
    environment(**{name: value})
    found: tuple[SecretStr, ...] = getattr(load(Settings), name.lower())
    assert [part.get_secret_value() for part in found] == parts


def test_a_group_of_settings_knows_its_fields(environment: Any) -> None:
    environment(KAFKA__BOOTSTRAP_SERVER="a:9092", HTTP__COLOUR="red")
    with pytest.raises(ConfigurationError) as caught:
        load(Settings)
    assert str(caught.value).splitlines()[1:] == [
        "  HEEDFUL_HTTP__COLOUR: there is no such setting; docs/configuration.md lists all",
        "  HEEDFUL_KAFKA__BOOTSTRAP_SERVER: there is no such setting; "
        "did you mean HEEDFUL_KAFKA__BOOTSTRAP_SERVERS?",
    ]


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("DATABSE_URL", "DATABASE_URL"),
        ("DB_URL", "DATABASE_URL"),
        ("API_KEY", "API_KEYS"),
        ("HTTP_PORT", "HTTP__PORT"),
        ("PORT", "HTTP__PORT"),
        ("KAFKA_BOOTSTRAP_SERVERS", "KAFKA__BOOTSTRAP_SERVERS"),
        ("HTPP__PORT", "HTTP__PORT"),
        ("LOGLEVEL", "LOG_LEVEL"),
    ],
)
def test_a_misspelt_variable_stops_with_the_one_that_was_meant(
    environment: Any, misspelt: str, meant: str
) -> None:
    environment(**{misspelt: SECRET})
    said = f"HEEDFUL_{misspelt}: there is no such setting; did you mean HEEDFUL_{meant}"
    with pytest.raises(ConfigurationError, match=re.escape(said)) as caught:
        load(Settings)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("value", ["kafka", "kafka:port", "a:9092,b", "http://a:9092", "a:9092,"])
def test_a_bootstrap_server_without_its_port_is_refused(environment: Any, value: str) -> None:
    environment(KAFKA__BOOTSTRAP_SERVERS=value)
    with pytest.raises(ConfigurationError, match="BOOTSTRAP_SERVERS: must be host:port"):
        load(Settings)


@pytest.mark.parametrize("value", ["", "a:9092", "a:9092,b-1.example.com:1", "a:1, b:2", "[::1]:9"])
def test_bootstrap_servers_are_taken_as_given(environment: Any, value: str) -> None:
    environment(KAFKA__BOOTSTRAP_SERVERS=value)
    assert load(Settings).kafka.bootstrap_servers == value


def test_variables_of_others_with_our_prefix_are_left_alone(environment: Any) -> None:
    environment(
        TEST_KAFKA="localhost:9092",
        DEMO_KEY="k",
        INGEST__MAX_BATCH_ITEMS="7",
        # What Kubernetes gives to every container when a Service is named heedful or heedful-http.
        SERVICE_HOST="10.0.0.1",
        SERVICE_PORT="8080",
        PORT="tcp://10.0.0.1:8080",
        HTTP_PORT="tcp://10.0.0.2:8080",
        PORT_8080_TCP_ADDR="10.0.0.1",
    )
    assert load(Settings).http.port == 8080


def test_a_service_knows_every_variable_of_its_own(environment: Any) -> None:
    class ShopSettings(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="HEEDFUL_SHOP__", extra="ignore")

        open_hours: int = 8

    environment(SHOP__OPENHOURS="9", HTTP__PORT="1")
    with pytest.raises(ConfigurationError, match="did you mean HEEDFUL_SHOP__OPEN_HOURS"):
        load(ShopSettings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP__PORT", "eighty"),
        ("HTTP__PORT", "70000"),
        ("HTTP__MAX_BODY_BYTES", "10"),
        ("MIGRATE_AT_START", SECRET),
        ("LOG_LEVEL", SECRET),
        ("LOG_FORMAT", SECRET),
        ("KAFKA__SECURITY_PROTOCOL", SECRET),
        ("KAFKA__PARTITIONS", "0"),
        ("CONSUMER__POLL_SECONDS", "0"),
        ("DATABASE__POOL_SIZE", "-1"),
    ],
)
def test_a_wrong_value_stops_with_the_name_of_its_variable_and_without_the_value(
    environment: Any, name: str, value: str
) -> None:
    environment(**{name: value})
    with pytest.raises(ConfigurationError, match=f"HEEDFUL_{name}: ") as caught:
        load(Settings)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_every_wrong_value_is_named_at_once(environment: Any) -> None:
    environment(HTTP__PORT="x", LOG_LEVEL="x", CONSUMER__MAX_TRIES="0")
    with pytest.raises(ConfigurationError) as caught:
        load(Settings)
    lines = str(caught.value).splitlines()
    assert lines[0] == "wrong settings:"
    assert sorted(line.split(":")[0].strip() for line in lines[1:]) == [
        "HEEDFUL_CONSUMER__MAX_TRIES",
        "HEEDFUL_HTTP__PORT",
        "HEEDFUL_LOG_LEVEL",
    ]


@pytest.mark.parametrize("value", [SECRET, '{"port": 1', '{"sasl_password": "s3cret-value"'])
def test_a_whole_group_as_one_wrong_variable_is_told_in_words(environment: Any, value: str) -> None:
    environment(KAFKA=value)
    with pytest.raises(ConfigurationError, match="HEEDFUL_KAFKA__") as caught:
        load(Settings)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_secrets_do_not_show_when_settings_are_printed(environment: Any) -> None:
    environment(
        API_KEYS=f"shop:{SECRET}:*",
        SECRET_KEYS=f"k:{SECRET}",
        DATABASE_URL=f"postgresql://u:{SECRET}@h/d",
        KAFKA__SASL_PASSWORD=SECRET,
    )
    found = load(Settings)
    assert SECRET not in repr(found)
    assert SECRET not in found.model_dump_json()


def test_settings_of_a_service_name_their_own_variables(
    environment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class ShopSettings(Settings):
        model_config = SettingsConfigDict(env_prefix="HEEDFUL_SHOP__")

        open_hours: int = Field(ge=1)

    environment(SHOP__OPEN_HOURS="0")
    with pytest.raises(ConfigurationError, match="HEEDFUL_SHOP__OPEN_HOURS: "):
        load(ShopSettings)


def test_settings_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load(Settings).log_level = "DEBUG"  # type: ignore[misc]  # what must not be done


def test_a_drain_that_cannot_end_before_the_rebalance_stops_the_start(environment: Any) -> None:
    """The next owner would begin while we still work."""
    environment(CONSUMER__DRAIN_SECONDS="45")
    with pytest.raises(ConfigurationError, match="REBALANCE_TIMEOUT_SECONDS") as caught:
        load(Settings)
    assert "up to 55 s" in str(caught.value)
    environment(CONSUMER__DRAIN_SECONDS="45", KAFKA__REBALANCE_TIMEOUT_SECONDS="60")
    assert load(Settings).consumer.drain_seconds == 45
