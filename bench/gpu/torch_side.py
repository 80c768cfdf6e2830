"""PyTorch's side of the measurement on a GPU: reads requests, one JSON a line, and answers each with a line that begins with @@."""

import json
import os
import sys
import time

import torch
from transformers import AutoConfig, AutoModelForQuestionAnswering

with open(sys.argv[1]) as source:
    PLAN = json.load(source)
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
LEARNING_RATE = 2e-4


class Training:
    """A model with its optimizer: AdamW in one launch (`fused`), which is PyTorch's fastest."""

    def __init__(self, name, compiled):
        source = PLAN["models"][name]
        torch.manual_seed(0)
        if "folder" in source:
            folder = os.path.join(os.path.dirname(os.path.abspath(sys.argv[1])), source["folder"])
            self.model = AutoModelForQuestionAnswering.from_pretrained(folder, attn_implementation="sdpa")
        else:
            kind = dict(source["config"])
            config = AutoConfig.for_model(kind.pop("model_type"), **kind)
            self.model = AutoModelForQuestionAnswering.from_config(config, attn_implementation="sdpa")
        self.model.to(DEVICE).train()
        decay = [p for p in self.model.parameters() if p.ndim > 1]
        rest = [p for p in self.model.parameters() if p.ndim < 2]
        groups = [{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, fused=DEVICE == "cuda")
        self.forward = torch.compile(self.model) if compiled else self.model

    def step(self, rows, precision):
        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        longest = max(len(row) for row in rows["ids"])
        inputs = {
            "input_ids": torch.tensor([row + [0] * (longest - len(row)) for row in rows["ids"]]),
            "attention_mask": torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows["ids"]]),
            "start_positions": torch.tensor(rows["start"]),
            "end_positions": torch.tensor(rows["end"]),
        }
        inputs = {name: tensor.to(DEVICE) for name, tensor in inputs.items()}
        self.optimizer.zero_grad()
        with torch.autocast(DEVICE, torch.bfloat16, enabled=precision == "bf16"):
            loss = self.forward(**inputs).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        return loss.item()


def without_dropout(model):
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        for name in ("dropout_prob", "attention_dropout", "dropout"):
            if isinstance(getattr(module, name, None), float):
                setattr(module, name, 0.0)


TRAININGS = {}


def training_for(request):
    key = (request["model"], request["kind"])
    if key not in TRAININGS:
        TRAININGS[key] = Training(request["model"], request["kind"] == "torch.compile")
    return TRAININGS[key]


def answer(request):
    batches = PLAN["shapes"][request["shape"]]
    if request["do"] == "parity":
        training = Training(request["model"], False)
        without_dropout(training.model)
        return {"losses": [training.step(rows, request["precision"]) for rows in batches]}
    training = training_for(request)
    if request["do"] in ("prepare", "memory"):
        began = time.perf_counter()
        # PyTorch plans anew for each shape: all of them are warm before any is timed
        for rows in batches if request["shape"] == "bucketed" else batches[: PLAN["warmup"]]:
            training.step(rows, request["precision"])
        return {"took": time.perf_counter() - began}
    if DEVICE == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    seconds = []
    for rows in batches:
        began = time.perf_counter()
        training.step(rows, request["precision"])
        seconds.append(time.perf_counter() - began)
    memory = torch.cuda.max_memory_reserved() / 1e9 if DEVICE == "cuda" else 0
    return {"seconds": seconds, "memory": memory}


def say(reply):
    print("@@" + json.dumps(reply), flush=True)


def main():
    card = torch.cuda.get_device_name() if DEVICE == "cuda" else "no GPU"
    say({"backend": DEVICE, "torch": torch.__version__, "card": card, "cuda": str(torch.version.cuda)})
    for line in sys.stdin:
        try:
            say(answer(json.loads(line)))
        except Exception as error:  # the next request may work
            say({"error": f"{type(error).__name__}: {error}"[:500]})


if __name__ == "__main__":
    main()
