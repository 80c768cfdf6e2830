"""The other side of bench/inference: PyTorch reads the rows that come in as lines of JSON, and answers with how long it took."""

import json
import sys
import time

import torch
from transformers import AutoModelForQuestionAnswering


def main(folder, threads):
    torch.set_num_threads(int(threads))
    model = AutoModelForQuestionAnswering.from_pretrained(folder, attn_implementation="sdpa").eval()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        rows = json.loads(line)
        ids, types = (torch.tensor(rows[name]).reshape(rows["shape"]) for name in ("ids", "types"))
        wall, cpu = [], []
        with torch.inference_mode():
            for index in range(-1, rows["passes"]):
                began, before = time.perf_counter(), time.process_time()
                scores = model(input_ids=ids, token_type_ids=types).start_logits.flatten()
                if index >= 0:
                    wall.append(1000 * (time.perf_counter() - began))
                    cpu.append(1000 * (time.process_time() - before))
        print(json.dumps({"wall": wall, "cpu": cpu, "scores": scores.tolist()}), flush=True)


main(*sys.argv[1:])
