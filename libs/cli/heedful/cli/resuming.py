"""What a command writes so that it can go on after kill -9.

The order is the point: what was written is on the disk before the progress file says so, and what
stands behind that is cut off before the run goes on.
"""

import os
from pathlib import Path
from typing import IO, TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)


class CannotGoOn(Exception):  # told to the user as it is
    """What stands there is not the beginning of this run."""


def opened_behind(path: Path, size: int) -> IO[bytes]:
    """The file, open behind its first bytes and without the others."""
    file = path.open("r+b" if path.exists() else "w+b")
    file.truncate(size)
    file.seek(size)
    return file


def flushed(file: IO[bytes]) -> None:
    """Everything that was written is on the disk."""
    file.flush()
    os.fsync(file.fileno())


def save(path: Path, reached: BaseModel) -> None:
    """Write how far the run is, whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(reached.model_dump_json(), encoding="utf-8")
    part.replace(path)


def load(path: Path, model: type[M]) -> M:
    """How far the run was.

    Raises:
        CannotGoOn: the file is not one of `save`.
    """
    try:
        return model.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise CannotGoOn(
            f"{path} is not of this command; remove it, or --overwrite begins anew"
        ) from error
