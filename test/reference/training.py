"""The loss of 100 training steps in PyTorch, on rows that spanlab's test reads from the same file.

Two runs of one tiny random BERT without dropout: batches of rows of one length, and the lesson's rows, padded to 16 tokens.
Usage: training.py MODEL_DIR OUTPUT_FILE, with a folder that model.py wrote.
"""

import json
import sys

import torch
import transformers
from transformers import AutoModelForQuestionAnswering

from model import groups

STEPS, WARMUP, LEARNING_RATE, BATCH, PADDED = 100, 10, 1e-3, 4, 16


def make_rows():
    """Answers are the span between two marks, 7 and 8, so that there is something to learn."""
    torch.manual_seed(5)
    rows = []
    for length in [9, 16, 12, 7, 14]:
        for _ in range(BATCH):
            ids = torch.randint(10, 50, (length,))
            start = int(torch.randint(1, length - 2, ()))
            end = int(torch.randint(start, length - 1, ()))
            ids[start], ids[end] = 7, 8
            rows.append({"ids": ids.tolist(), "start": start, "end": end})
    return rows


def losses(folder, rows, pad_to=0):
    model = AutoModelForQuestionAnswering.from_pretrained(folder)
    model.train()
    optimizer = torch.optim.AdamW(groups(model), lr=LEARNING_RATE)
    schedule = transformers.get_linear_schedule_with_warmup(optimizer, WARMUP, STEPS)
    values = []
    for step in range(STEPS):
        first = step * BATCH % len(rows)
        batch = rows[first : first + BATCH]
        longest = max(pad_to, *(len(row["ids"]) for row in batch))
        ids = torch.tensor([row["ids"] + [0] * (longest - len(row["ids"])) for row in batch])
        start = torch.tensor([row["start"] for row in batch])
        end = torch.tensor([row["end"] for row in batch])
        loss = model(ids, attention_mask=(ids > 0).long(), start_positions=start, end_positions=end).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        values.append(float(f"{loss.item():.7g}"))
    return values


def main(folder, target):
    rows = make_rows()
    record = {
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
        "options": {"steps": STEPS, "warmup": WARMUP / STEPS, "learningRate": LEARNING_RATE, "batchSize": BATCH},
        "padTo": PADDED,
        "rows": rows,
        "losses": losses(folder, rows),
        "paddedLosses": losses(folder, rows, PADDED),
    }
    with open(target, "w") as file:
        json.dump(record, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
