"""The model that `heedful.nlp.backend.saturation` holds, made again."""

import pytest

onnx = pytest.importorskip("onnx")

from heedful.nlp.backend.saturation import DEPTH, MODEL, WEIGHT  # noqa: E402


def test_it_is_what_its_docstring_says() -> None:
    helper, types = onnx.helper, onnx.TensorProto
    weight = helper.make_tensor("value", types.INT8, [1], [WEIGHT])
    found = onnx.load_model_from_string(MODEL)
    (shape,) = found.graph.initializer
    filled, product = found.graph.node
    assert onnx.numpy_helper.to_array(shape).tolist() == [DEPTH, DEPTH]
    assert (filled.op_type, list(filled.output)) == ("ConstantOfShape", ["b"])
    (value,) = filled.attribute
    assert onnx.numpy_helper.to_array(value.t) == onnx.numpy_helper.to_array(weight)
    assert (product.op_type, list(product.input)) == ("MatMulInteger", ["a", "b"])
    (given,) = found.graph.input
    assert given.type.tensor_type.elem_type == types.UINT8
    onnx.checker.check_model(found)
