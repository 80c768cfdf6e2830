"""The other side of bench/train: PyTorch trains on the same batches from the same weights. Prints one line of JSON."""

import json
import resource
import sys
import time

import torch
from transformers import AutoModelForQuestionAnswering


def main(file, attention, precision, threads):
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    with open(file) as source:
        data = json.load(source)
    model = AutoModelForQuestionAnswering.from_pretrained(data["model"], attn_implementation=attention)
    model.train()
    decay = [p for p in model.parameters() if p.ndim > 1]
    rest = [p for p in model.parameters() if p.ndim < 2]
    groups = [{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=2e-4)
    seconds = []
    for step, rows in enumerate(data["batches"]):
        began = time.perf_counter()
        inputs = {
            "input_ids": torch.tensor(rows["inputIds"]),
            "attention_mask": torch.tensor(rows["attentionMask"]),
            "start_positions": torch.tensor(rows["start"]),
            "end_positions": torch.tensor(rows["end"]),
        }
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            loss = model(**inputs).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        value = loss.item()
        if step >= data["warmup"]:
            seconds.append(time.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": seconds, "loss": value, "peak": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
