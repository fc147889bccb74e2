"""A real Kubernetes control plane with simulated nodes, for tests: `../shared/kube`.

Objects are admitted, scheduled and "run" for real; no container starts. Who has none of it runs
`make test`, which leaves out what is marked `kube`; here a missing part is a failure.
"""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

_KUBE_UP = Path(__file__).parents[3] / "shared" / "kube" / "kube-up"
_START_S = 180.0
_CALL_S = 120.0
_PORTS = 3


class Refused(Exception):
    """kubectl ended with an error; the text is what it said."""


class Cluster:
    """A running control plane: by kubectl, as people speak to it, or by its API, which is quicker.

    Args:
        kubeconfig: what the script wrote: one cluster, one user with a token.
    """

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        config = yaml.safe_load(kubeconfig.read_text("utf-8"))
        server, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.api = httpx.Client(
            base_url=server["server"],
            verify=ssl.create_default_context(cafile=server["certificate-authority"]),
            headers={"Authorization": f"Bearer {user['token']}"},
            timeout=_CALL_S,
            trust_env=False,
        )

    def items(self, path: str, **query: str) -> list[dict[str, Any]]:
        """The objects of a list, such as `/api/v1/namespaces/x/pods`."""
        found: list[dict[str, Any]] = (
            self.api.get(path, params=query).raise_for_status().json()["items"]
        )
        return found

    def kubectl(self, *arguments: str, stdin: str = "", timeout_s: float = _CALL_S) -> str:
        """What kubectl prints.

        Raises:
            Refused: it failed; with its own words.
        """
        result = self.said(arguments, stdin, timeout_s)
        if result.returncode != 0:
            raise Refused(f"kubectl {' '.join(arguments)}: {result.stderr}{result.stdout}")
        return result.stdout

    def said(
        self, arguments: Sequence[str], stdin: str = "", timeout_s: float = _CALL_S
    ) -> "subprocess.CompletedProcess[str]":
        """The whole result, warnings and errors too."""
        return subprocess.run(
            ["kubectl", "--kubeconfig", str(self.kubeconfig), *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A cluster of three nodes that runs until the block ends."""
    for needed in ("kubectl", "openssl", "xz"):
        if shutil.which(needed) is None:
            pytest.fail(f"no control plane: {needed} is not on the path")
    if not _KUBE_UP.is_file():
        pytest.fail(f"no control plane: {_KUBE_UP} is not there; `make test` does without")
    folder = Path(tempfile.mkdtemp(prefix="heedful-kube-"))
    with (folder / "kube-up.log").open("wb") as log:
        process = subprocess.Popen(
            [str(_KUBE_UP), str(folder), str(free_ports(_PORTS))],
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=os.environ | {"NODES": "3"},
        )
    try:
        _wait(process, folder)
        cluster = Cluster(folder / "kubeconfig")
        with cluster.api:
            yield cluster
    finally:
        _end(process)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(process: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + _START_S
    while not (folder / "ready").exists():
        if process.poll() is not None or time.monotonic() > deadline:
            logs = "\n".join(
                f"{path.name}: {path.read_text('utf-8', 'replace')[-500:]}"
                for path in sorted(folder.glob("*.log"))
            )
            raise RuntimeError(f"the control plane is not there after {_START_S:g} s:\n{logs}")
        time.sleep(0.1)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Nothing is worth a graceful end; the parts are in the script's own process group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_ports(count: int) -> int:
    """The first of so many free ports in a row."""
    while True:
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            if all(_is_free(port + further) for further in range(1, count)):
                return port


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
        return True
