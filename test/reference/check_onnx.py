"""onnx's own check of exported files: check_onnx.py FILE ...

The full check includes strict type and shape inference; then ONNX Runtime's Python package has to load each file. Prints the
inferred shapes of the outputs.
"""

import sys

import onnx
import onnxruntime


def main(files):
    for file in files:
        model = onnx.load(file)
        onnx.checker.check_model(model, full_check=True)
        inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        shapes = [(value.name, value.type, value.shape) for value in session.get_outputs()]
        expected = [(name, "tensor(float)", ["batch", "sequence"]) for name in ("start_logits", "end_logits")]
        assert shapes == expected, shapes
        print(f"{file}: opset {inferred.opset_import[0].version}, {len(model.graph.node)} nodes, checked")


main(sys.argv[1:])
