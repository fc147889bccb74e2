"""docker-compose.yml: valid, pinned, started by a plain `docker compose up`."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped, unused-ignore]
import pytest
import yaml
from pydantic import BaseModel, SecretStr

from heedful.common.settings import PREFIX, Settings
from heedful.console.settings import WebSettings, signing_key
from heedful.journey.settings import JourneySettings

ROOT = Path(__file__).parents[3]
SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parent / "compose-spec.json").read_text(encoding="utf-8")
)
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OWN = {"console": 8080, "ingest": 8081, "nlp": 8082, "journey": 8083, "alerting": 8084}
PLACEHOLDER = re.compile(r"\$\{(?P<name>[A-Z_]+):-(?P<default>[^}]*)\}")


def interpolate(value: object) -> str:
    """What compose makes of a value when no variable is set."""
    return PLACEHOLDER.sub(lambda match: match["default"], str(value))


def heedful_variables() -> list[tuple[str, str, str]]:
    return [
        (service, name, interpolate(value))
        for service, body in SERVICES.items()
        for name, value in body.get("environment", {}).items()
        if name.startswith(PREFIX)
    ]


def resolves(name: str) -> bool:
    """Whether a variable names a field of the settings."""
    models: dict[str, object] = {
        one.model_config["env_prefix"]: one for one in (JourneySettings, WebSettings)
    }
    own = next((prefix for prefix in models if name.startswith(prefix)), PREFIX)
    model = models.get(own, Settings)
    for part in name.removeprefix(own).lower().split("__"):
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return False
        if part not in model.model_fields:
            return False
        model = model.model_fields[part].annotation
    return True


def test_is_valid_compose() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(COMPOSE)


def test_has_no_version_key() -> None:
    assert "version" not in COMPOSE


def test_starts_without_any_variable_set() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    code = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    assert "$" not in PLACEHOLDER.sub("", code), "every variable needs a default: ${NAME:-default}"


@pytest.mark.parametrize("service", SERVICES)
def test_image_has_a_pinned_tag(service: str) -> None:
    _, colon, tag = SERVICES[service]["image"].rpartition(":")
    assert colon, "no tag"
    assert "/" not in tag, "no tag: that colon belongs to a port"
    assert re.search(r"\d+\.\d+\.\d+", tag), f"{tag} moves"


def test_observability_is_asked_for_and_nobody_waits_for_it() -> None:
    profiles = {service: body.get("profiles", []) for service, body in SERVICES.items()}
    watching = {service for service, of in profiles.items() if of == ["observability"]}
    assert watching == {"prometheus", "grafana", "collector", "jaeger"}
    assert {service for service, of in profiles.items() if not of} == {*OWN, "kafka", "postgres"}
    for service in SERVICES.keys() - watching:
        assert watching.isdisjoint(SERVICES[service].get("depends_on", {}))


def test_what_watches_reads_what_is_deployed_elsewhere() -> None:
    """The folders that Kubernetes and the tests of rules and dashboards know."""
    mounted = {
        volume.split(":")[0]
        for service in ("prometheus", "grafana", "collector")
        for volume in SERVICES[service]["volumes"]
        if volume.startswith(".")
    }
    assert mounted == {
        "./deploy/prometheus",
        "./deploy/grafana/dashboards",
        "./deploy/grafana/provisioning/dashboards",
        "./deploy/grafana/provisioning/datasources",
        "./deploy/opentelemetry",
    }


def test_traces_go_from_the_services_to_jaeger_when_they_are_asked_for() -> None:
    config = yaml.safe_load((ROOT / "deploy/opentelemetry/collector.yaml").read_text("utf-8"))
    (port,) = (
        protocol["endpoint"].rpartition(":")[2]
        for protocol in config["receivers"]["otlp"]["protocols"].values()
    )
    for service in OWN:
        given = SERVICES[service]["environment"]
        assert given["HEEDFUL_TRACES"] == "${HEEDFUL_TRACES:-false}"
        assert given["OTEL_EXPORTER_OTLP_ENDPOINT"] == f"http://collector:{port}"
    assert SERVICES["collector"]["command"] == ["--config=/etc/heedful/collector.yaml"]
    needed = set(re.findall(r"\$\{env:([A-Z_]+)\}", json.dumps(config)))
    given = SERVICES["collector"]["environment"]
    assert given.keys() == needed
    host, _, _ = given["OTLP_ENDPOINT"].partition(":")
    assert host in SERVICES
    (pipeline,) = config["service"]["pipelines"].values()
    for kind in ("receivers", "processors", "exporters"):
        assert set(pipeline[kind]) == config[kind].keys()


@pytest.mark.parametrize("service", SERVICES)
def test_is_bounded_and_stops_slowly(service: str) -> None:
    body = SERVICES[service]
    assert re.fullmatch(r"\d+[mg]", body["mem_limit"])
    assert body["stop_grace_period"] == "60s"
    assert "restart" in body


@pytest.mark.parametrize("service", sorted(SERVICES.keys() - OWN.keys()))
def test_other_images_bring_a_health_check(service: str) -> None:
    check = SERVICES[service]["healthcheck"]
    assert check.get("disable") or check["test"][0] in {"CMD", "CMD-SHELL"}


@pytest.mark.parametrize("service", SERVICES)
def test_waits_for_services_that_are_there_and_can_be_healthy(service: str) -> None:
    for other, how in SERVICES[service].get("depends_on", {}).items():
        assert how["condition"] == "service_healthy"
        assert not SERVICES[other].get("healthcheck", {}).get("disable")


@pytest.mark.parametrize(("service", "port"), OWN.items())
def test_service_is_built_hardened_and_reachable(service: str, port: int) -> None:
    body = SERVICES[service]
    assert body["build"] == {"context": ".", "args": {"SERVICE": service}}
    assert [interpolate(item) for item in body["ports"]] == [f"127.0.0.1:{port}:8080"]
    assert body["read_only"] is True
    assert body["cap_drop"] == ["ALL"]
    bus = {"kafka"} if service != "console" else set()
    assert set(body["depends_on"]) == {"postgres", *bus}


def test_ports_are_on_this_machine_only_and_differ() -> None:
    ports = [interpolate(port) for body in SERVICES.values() for port in body.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert len({port.split(":")[1] for port in ports}) == len(ports)


def test_volumes_are_declared_and_mounted_files_exist() -> None:
    used = set()
    for body in SERVICES.values():
        for volume in body.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).is_dir(), source
                assert volume.endswith(":ro"), volume
            else:
                used.add(source)
    assert used == set(COMPOSE["volumes"])


def test_there_are_variables_for_every_own_service() -> None:
    assert {service for service, _, _ in heedful_variables()} >= OWN.keys()


@pytest.mark.parametrize(("service", "name", "value"), heedful_variables())
def test_variable_is_a_setting(service: str, name: str, value: str) -> None:
    assert re.fullmatch(r"HEEDFUL_[A-Z]+(_[A-Z]+)*(__[A-Z]+(_[A-Z]+)*)*", name), service
    assert resolves(name), f"{service}: no setting {name}"
    assert value


@pytest.mark.parametrize("service", OWN)
def test_settings_take_the_values(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name, value in heedful_variables():
        if owner == service:
            monkeypatch.setenv(name, value)
    settings = Settings()

    assert settings.http.host == "0.0.0.0"  # noqa: S104 - inside its container
    assert settings.http.port == 8080
    assert settings.database_url is not None
    (key,) = settings.api_keys
    assert key.get_secret_value() == "demo:demo-key:*"
    (secret,) = settings.secret_keys
    name, _, encoded = secret.get_secret_value().partition(":")
    assert name
    assert len(base64.b64decode(encoded, validate=True)) == 32


def test_addresses_name_the_services() -> None:
    environment = {name: value for _, name, value in heedful_variables()}
    password = interpolate(SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"])
    assert environment["HEEDFUL_DATABASE_URL"] == (
        f"postgresql://heedful:{password}@postgres:5432/heedful"
    )
    advertised = SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert f"://{environment['HEEDFUL_KAFKA__BOOTSTRAP_SERVERS']}" in advertised


def test_the_services_believe_the_console_as_it_comes() -> None:
    environment = {name: value for _, name, value in heedful_variables()}
    name, private = signing_key(SecretStr(environment["HEEDFUL_WEB__SIGNING_KEY"]))
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    assert environment["HEEDFUL_CONSOLE__PUBLIC_KEYS"] == f"{name}:{public}"
    api_key = environment["HEEDFUL_API_KEYS"]
    assert api_key.startswith(environment["HEEDFUL_WEB__SERVICE_KEYS"])


def test_kafka_creates_no_topic_by_itself() -> None:
    assert SERVICES["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
