"""Hidden states of a real encoder, a few numbers a token: encoder.py MODEL_DIR OUTPUT_FILE."""

import json
import sys

import torch
import transformers
from transformers import AutoModel, AutoTokenizer

PAIRS = [
    ("Who built the lighthouse?", "The lighthouse of Marrow Bay was built in 1874 by Agnes Holm."),
    ("Where?", "In Łódź."),
    ("What grew?", "word " * 100),
]


def main(folder, target):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()
    inputs = tokenizer([q for q, _ in PAIRS], [c for _, c in PAIRS], padding=True, truncation=False, return_tensors="pt")
    with torch.no_grad():
        hidden = model(**inputs).last_hidden_state
    lengths = inputs["attention_mask"].sum(1).tolist()
    rows = [[[round(x, 6) for x in token[:3]] for token in row[:n]] for row, n in zip(hidden.tolist(), lengths)]
    record = {
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "inputIds": inputs["input_ids"].tolist(),
        "attentionMask": inputs["attention_mask"].tolist(),
        "tokenTypeIds": inputs["token_type_ids"].tolist(),
        "hidden": rows,
    }
    with open(target, "w") as file:
        json.dump(record, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
