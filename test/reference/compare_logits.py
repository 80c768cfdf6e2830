"""Opens a folder that spanlab saved and compares logits: compare_logits.py MODEL_DIR LOGITS_FILE. Exit 1 beyond 1e-4."""

import json
import sys

import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer


def main(folder, logits_file):
    with open(logits_file) as file:
        ours = json.load(file)
    model, report = AutoModelForQuestionAnswering.from_pretrained(folder, output_loading_info=True)
    model.eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    unexplained = {key: sorted(value) for key, value in report.items() if value}
    worst = 0.0
    for row in ours["rows"]:
        text = tokenizer(row["question"], row["context"])["input_ids"]
        assert text == row["inputIds"], f"tokens differ: {row['question']}"
        inputs = {"input_ids": torch.tensor([row["inputIds"]])}
        if model.config.model_type == "bert":
            inputs["token_type_ids"] = torch.tensor([row["tokenTypeIds"]])
        with torch.no_grad():
            outputs = model(**inputs)
        for theirs, mine in [(outputs.start_logits, row["startLogits"]), (outputs.end_logits, row["endLogits"])]:
            worst = max(worst, (theirs[0] - torch.tensor(mine)).abs().max().item())
    print(json.dumps({"folder": folder, "rows": len(ours["rows"]), "largest difference": worst, "loading": unexplained}))
    return int(worst > 1e-4 or bool(unexplained))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
