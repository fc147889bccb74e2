"""From a trained network to the file that is shipped: int8 ONNX with its vocabulary inside.

Weights are quantised per channel, activations per call (dynamic), so a text must be run alone
(`heedful.nlp.backend.onnx`).
"""

import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from heedful.nlp.backend import shipped
from heedful.nlp.backend.torch_network import Network
from heedful.nlp.encoder import tasks
from heedful.nlp.encoder.engine import Temperatures

_OPSET: Final = 20
_EXAMPLE_PIECES: Final = 24
_QUANTISED: Final = ("MatMul", "Gather")
_BIAS: Final = ".bias"
_ENCODER: Final = f"{shipped.WEIGHTS}encoder."


class _OneText(torch.nn.Module):
    """The network on one text without padding."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Any, segments: Any) -> tuple[Any, ...]:
        return tuple(one[0] for one in self.network(ids[None], segments[None]))


def to_onnx(network: Network, target: Path) -> None:
    """Write the network in fp32, its weights under the names that torch gives them."""
    pieces = torch.export.Dim("pieces", min=2, max=network.encoder.config.max_position_embeddings)
    example = torch.ones(_EXAMPLE_PIECES, dtype=torch.long)
    # Without padding there is no row without a piece, which the other attention guards against.
    network.encoder.set_attn_implementation("eager")
    program = torch.onnx.export(
        _OneText(network).eval(),
        (example, torch.zeros_like(example)),
        dynamo=True,
        input_names=list(shipped.INPUTS),
        output_names=list(shipped.OUTPUTS),
        dynamic_shapes={"ids": {0: pieces}, "segments": {0: pieces}},
        opset_version=_OPSET,
        verbose=False,
    )
    program.save(str(target))
    model = onnx.load(target)
    _name_weights(model)
    onnx.save(model, target)


def _name_weights(model: Any) -> None:
    """Give the constants of linear layers, which lose their names on the way, the layer's name.

    The bias that is added to their product has kept it.
    """
    constants = {one.name: one for one in model.graph.initializer}
    products = {
        node.output[0]: node.input[1]
        for node in model.graph.node
        if node.op_type == "MatMul" and node.input[1] in constants
    }
    names: dict[str, str] = {}
    for node in model.graph.node:
        bias = next((one for one in node.input if one.endswith(_BIAS)), None)
        weight = next((products[one] for one in node.input if one in products), None)
        if node.op_type == "Add" and bias and weight and not weight.startswith(shipped.WEIGHTS):
            names[weight] = bias.removesuffix(_BIAS) + ".weight" + shipped.TRANSPOSED
    for name in set(products.values()) - set(names):
        if list(constants[name].dims)[1:] == [tasks.QUERIES]:
            names[name] = f"{shipped.WEIGHTS}queries" + shipped.TRANSPOSED
    if len(set(names.values())) < len(names):
        # The exporter stores equal constants once; only biases that were never trained are equal.
        raise ValueError("two layers have equal biases: train the network before its export")
    for old, new in names.items():
        constants[old].name = new
    for node in model.graph.node:
        for place, name in enumerate(node.input):
            if name in names:
                node.input[place] = names[name]


def quantise(source: Path, target: Path) -> None:
    """int8 weights of the encoder and the embedding, each output channel with a scale of its own.

    The other heads and the places are small and stay as they are.
    """
    model = onnx.load(source)
    large = (
        f"{_ENCODER}encoder.layer.",
        f"{_ENCODER}embeddings.word_embeddings",
        f"{shipped.WEIGHTS}embedding.map.",
    )
    kept = [
        node.name
        for node in model.graph.node
        if node.op_type in _QUANTISED and not any(one.startswith(large) for one in node.input)
    ]
    quantize_dynamic(
        source,
        target,
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=list(_QUANTISED),
        nodes_to_exclude=kept,
        extra_options={"MatMulConstBOnly": True},
    )


def export(
    network: Network,
    vocabulary: Sequence[str],
    version: str,
    temperatures: Temperatures,
    untrained: Collection[str] = (),
) -> bytes:
    """The model file. `untrained`: heads (`tasks.HEADS`) that must say nothing."""
    with tempfile.TemporaryDirectory() as folder:
        full, small = Path(folder) / "full.onnx", Path(folder) / "small.onnx"
        to_onnx(network, full)
        quantise(full, small)
        model = onnx.load(small)
    metadata = {
        **tasks.layout(),
        shipped.VERSION: version,
        shipped.VOCABULARY: "\n".join(vocabulary),
        shipped.CONFIG: network.encoder.config.to_json_string(),
        shipped.TEMPERATURES: temperatures.model_dump_json(),
        shipped.UNTRAINED: ",".join(sorted(untrained)),
    }
    onnx.helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    content: bytes = model.SerializeToString()
    return content
