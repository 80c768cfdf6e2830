"""onnx's own check of exported files, and their logits in ONNX Runtime's Python package: check_onnx.py LOGITS FILE ...

The full check includes strict type and shape inference. LOGITS has batches of rows with our logits of the tokens that are not
padding; those of model.onnx must be equal to 1e-4, and the differences of the others are printed.
"""

import json
import os
import sys

import numpy
import onnx
import onnxruntime


def largest_difference(session, batches):
    most = 0.0
    for batch in batches:
        feeds = {
            value.name: numpy.array(batch["inputs"][value.name], numpy.int64).reshape(batch["shape"])
            for value in session.get_inputs()
        }
        kept = numpy.array(batch["inputs"]["attention_mask"]).reshape(batch["shape"]) == 1
        theirs = numpy.concatenate([part[kept] for part in session.run(["start_logits", "end_logits"], feeds)])
        assert theirs.shape == (len(batch["logits"]),), theirs.shape
        most = max(most, float(numpy.abs(theirs - numpy.array(batch["logits"])).max()))
    return most


def main(logits, files):
    with open(logits) as file:
        batches = json.load(file)
    for file in files:
        model = onnx.load(file)
        onnx.checker.check_model(model, full_check=True)
        inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        shapes = [(value.name, value.type, value.shape) for value in session.get_outputs()]
        expected = [(name, "tensor(float)", ["batch", "sequence"]) for name in ("start_logits", "end_logits")]
        assert shapes == expected, shapes
        difference = largest_difference(session, batches)
        name = os.path.basename(file)
        assert name != "model.onnx" or difference < 1e-4, difference
        opset = inferred.opset_import[0].version
        print(f"{model.graph.name} {name}: opset {opset}, {len(model.graph.node)} nodes, logits within {difference:.1e}")


main(sys.argv[1], sys.argv[2:])
