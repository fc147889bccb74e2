"""The way to PostgreSQL through the pooler; tests/pooler tries it for real."""

import pytest
from sqlalchemy import make_url

from heedful.common.settings import DatabaseSettings
from tests.kube.manifests import PLATFORM, WORKLOADS, Object, container, named, of_kind

pytestmark = pytest.mark.kube


def variable(service: str, name: str) -> Object:
    (workload,) = (
        one for one in of_kind("dev", *WORKLOADS) if one["metadata"]["name"] == f"heedful-{service}"
    )
    found: Object
    (found,) = (one for one in container(workload)["env"] if one["name"] == name)
    return found


@pytest.mark.parametrize("service", PLATFORM)
def test_services_go_through_it_with_the_password_of_their_user(service: str) -> None:
    url = make_url(variable(service, "HEEDFUL_DATABASE_URL")["value"])
    cluster = named("dev", "Cluster", "heedful-postgres")["spec"]["bootstrap"]["initdb"]
    assert (url.username, url.database) == (cluster["owner"], cluster["database"])
    assert url.host == named("dev", "Pooler", "heedful-pooler")["metadata"]["name"]
    secret = variable(service, "PGPASSWORD")["valueFrom"]["secretKeyRef"]
    assert secret == {"name": "heedful-postgres-app", "key": "password"}


def test_migrations_go_past_it() -> None:
    secret = variable("migrate", "HEEDFUL_DATABASE_URL")["valueFrom"]["secretKeyRef"]
    assert secret == {"name": "heedful-postgres-app", "key": "uri"}


def test_the_network_lets_services_in_and_it_to_postgresql() -> None:
    clients = named("dev", "NetworkPolicy", "heedful-pooler-clients")["spec"]
    (services, _) = clients["podSelector"]["matchExpressions"]
    assert set(services["values"]) == {*PLATFORM, "operations"}
    pods = {"matchLabels": {"cnpg.io/poolerName": "heedful-pooler"}}
    assert clients["egress"][0]["to"] == [{"podSelector": pods}]
    assert named("dev", "NetworkPolicy", "heedful-pooler")["spec"]["podSelector"] == pods
    (rule,) = named("dev", "NetworkPolicy", "heedful-postgres-pooler")["spec"]["ingress"]
    assert rule["from"] == [{"podSelector": pods}]


def test_postgresql_takes_all_of_its_connections() -> None:
    pooler = named("dev", "Pooler", "heedful-pooler")["spec"]
    pool = int(pooler["pgbouncer"]["parameters"]["default_pool_size"])
    server = named("dev", "Cluster", "heedful-postgres")["spec"]["postgresql"]["parameters"]
    assert pool * pooler["instances"] <= 0.9 * int(server["max_connections"])


def test_what_it_ignores_postgresql_has() -> None:
    """What it neither ignores nor keeps itself it refuses: tests/pooler."""
    pooler = named("dev", "Pooler", "heedful-pooler")["spec"]["pgbouncer"]["parameters"]
    ignored = set(pooler["ignore_startup_parameters"].split(","))
    server = named("dev", "Cluster", "heedful-postgres")["spec"]["postgresql"]["parameters"]
    assert ignored <= server.keys()
    assert server["statement_timeout"] == f"{DatabaseSettings().statement_timeout_seconds:g}s"
