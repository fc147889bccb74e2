"""A real PgBouncer in front of a test's PostgreSQL, as deploy/k8s has CloudNativePG configure it.

The program is the one on the path, where it is new enough, or what `.ci/pgbouncer` has unpacked.
"""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from sqlalchemy import make_url

from tests.e2e.processes import eventually, free_port

ROOT = Path(__file__).parents[2]
_POOLER = ROOT / "deploy" / "k8s" / "components" / "cloudnative-pg-pooler" / "pooler.yaml"
_UNPACKED = ROOT / "build" / "pgbouncer" / "pgbouncer"
_OLDEST = (1, 21)
_MISSING = "no PgBouncer of 1.21 or newer: .ci/pgbouncer build/pgbouncer unpacks Debian 13's"
# What CloudNativePG puts before the parameter of that name.
_BY_OPERATOR = "extra_float_digits,options"


def deployed() -> dict[str, str]:
    """The parameters of the Pooler in deploy/k8s."""
    spec = yaml.safe_load(_POOLER.read_text("utf-8"))["spec"]["pgbouncer"]
    ignored = f"{_BY_OPERATOR},{spec['parameters']['ignore_startup_parameters']}"
    return {
        **spec["parameters"],
        "ignore_startup_parameters": ignored,
        "pool_mode": spec["poolMode"],
    }


@contextmanager
def running_pgbouncer(server_url: str, parameters: Mapping[str, str]) -> Iterator[str]:
    """URL by which the database of `server_url` is reached through it.

    Args:
        server_url: of a server on a Unix socket that asks its users for no password.
        parameters: of PgBouncer's own section.
    """
    server, port = make_url(server_url), free_port()
    socket = Path(str(server.query["host"]))
    with tempfile.TemporaryDirectory(prefix="heedful-pooler-") as name:
        folder = Path(name)
        users, config, log = (folder / one for one in ("users.txt", "pgbouncer.ini", "log"))
        users.write_text(f'"{server.username}" ""\n', "utf-8")
        options = {
            "listen_addr": "127.0.0.1",
            "listen_port": str(port),
            "unix_socket_dir": "",
            "auth_type": "trust",
            "auth_file": str(users),
            **parameters,
        }
        lines = [f"{option} = {value}" for option, value in options.items()]
        config.write_text(
            "\n".join(["[databases]", f"* = host={socket}", "[pgbouncer]", *lines, ""]), "utf-8"
        )
        _hand_over(folder, socket)
        with log.open("wb") as said:
            command = [_program(), *_as_owner_of(socket), str(config)]
            process = subprocess.Popen(command, stdout=said, stderr=said)
        try:
            eventually(lambda: "process up" in log.read_text("utf-8"), f"PgBouncer: {log}", 20)
            yield server.set(host="127.0.0.1", port=port, query={}).render_as_string(
                hide_password=False
            )
        finally:
            process.kill()
            process.wait()


def _program() -> str:
    for found in (shutil.which("pgbouncer"), str(_UNPACKED)):
        if found and Path(found).exists() and _version(found) >= _OLDEST:
            return found
    if os.environ.get("CI") == "true":
        pytest.fail(_MISSING)
    pytest.skip(_MISSING)


def _version(program: str) -> tuple[int, ...]:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    found = re.search(r"PgBouncer (\d+)\.(\d+)", said.stdout)
    assert found, said.stdout
    return tuple(int(part) for part in found.groups())


def _as_owner_of(socket: Path) -> list[str]:
    """PgBouncer does not run as root, and whoever runs PostgreSQL may reach its socket."""
    return ["-u", pwd.getpwuid(socket.stat().st_uid).pw_name] if os.geteuid() == 0 else []


def _hand_over(folder: Path, socket: Path) -> None:
    if os.geteuid() == 0:
        owner = socket.stat()
        for path in (folder, *folder.iterdir()):
            os.chown(path, owner.st_uid, owner.st_gid)
