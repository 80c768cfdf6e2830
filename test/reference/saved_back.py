"""Opens the families that spanlab saved: saved_back.py TINY_DIR SAVED_DIR. The logits must be those of the models as they were."""

import json
import sys
from pathlib import Path

import torch
from transformers import AutoModelForQuestionAnswering


def main(tiny, saved):
    for folder in sorted(Path(saved).iterdir()):
        reference = json.loads((Path(tiny) / folder.name / "reference.json").read_text())
        inputs = {key: torch.tensor(value) for key, value in reference["inputs"].items()}
        model, report = AutoModelForQuestionAnswering.from_pretrained(folder, output_loading_info=True)
        unexplained = {key: sorted(value) for key, value in report.items() if value}
        assert not unexplained, (folder.name, unexplained)
        with torch.no_grad():
            outputs = model.eval()(**inputs)
        mask = inputs["attention_mask"].bool()
        worst = 0.0
        for ours, theirs in ((outputs.start_logits, "startLogits"), (outputs.end_logits, "endLogits")):
            worst = max(worst, (ours - torch.tensor(reference[theirs]))[mask].abs().max().item())
        assert worst < 1e-5, (folder.name, worst)
        print(f"{folder.name}: {type(model).__name__}, nothing missing or left over, logits within {worst:.1e}")


main(*sys.argv[1:])
