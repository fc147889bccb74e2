"""Where the model runs. Both backends load the same shipped weights."""

from typing import Final

from heedful.nlp.encoder.reading import Engine

BACKENDS: Final = ("onnx", "torch")


class BackendError(RuntimeError):
    """A backend cannot be used here; the message says what to install."""


def load(name: str) -> Engine:
    """The encoder on a backend.

    Raises:
        ValueError: no such backend.
        BackendError: its libraries are not installed.
        heedful.nlp.resources.DataError: the shipped model does not fit this code.
    """
    if name == "onnx":
        from heedful.nlp.backend.onnx import OnnxEncoder

        return OnnxEncoder.load()
    if name == "torch":
        try:
            from heedful.nlp.backend.torch import TorchEncoder
        except ModuleNotFoundError as error:
            if error.name not in {"torch", "onnx", "transformers"}:
                raise
            raise BackendError(
                f"backend torch needs {error.name}: pip install 'heedful[nlp-torch]'"
            ) from error
        return TorchEncoder.load()
    raise ValueError(f"unknown backend {name!r}: one of {', '.join(BACKENDS)}")
