"""Where the model runs. Both backends load the same shipped weights."""

from pathlib import Path
from typing import Final

from heedful.common.datafiles import DataError
from heedful.nlp.encoder.engine import Engine

BACKENDS: Final = ("onnx", "torch")


class BackendError(RuntimeError):
    """A backend cannot be used here; the message says what to install."""


def load(name: str, model: Path | None = None) -> Engine:
    """The encoder on a backend.

    Args:
        name: one of `BACKENDS`.
        model: its file, as `make train` writes it; None: the shipped one.

    Raises:
        ValueError: no such backend.
        BackendError: its libraries are not installed.
        heedful.common.datafiles.DataError: the model cannot be read or does not fit this code.
    """
    if model is None:
        return _load(name, None)
    try:
        return _load(name, model.read_bytes())
    except OSError as error:
        raise DataError(f"{model}: cannot be read: {error.strerror}; give a model file") from error
    except DataError as error:
        raise DataError(f"{model}: {error}") from error


def _load(name: str, content: bytes | None) -> Engine:
    if name == "onnx":
        from heedful.nlp.backend.onnx import OnnxEncoder

        return OnnxEncoder.load() if content is None else OnnxEncoder(content)
    if name == "torch":
        try:
            from heedful.nlp.backend.torch import TorchEncoder
        except ModuleNotFoundError as error:
            if error.name not in {"torch", "onnx", "transformers"}:
                raise
            raise BackendError(
                f"backend torch needs {error.name}: pip install 'heedful[nlp-torch]'"
            ) from error
        return TorchEncoder.load() if content is None else TorchEncoder.of(content)
    raise ValueError(f"unknown backend {name!r}: one of {', '.join(BACKENDS)}")
