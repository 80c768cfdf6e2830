"""Trains a spanlab run folder data-parallel with PyTorch, on many GPUs and nodes (or processes of a CPU).

    npx spanlab train --prepare --model workshop --train train.json --out runs/big
    torchrun --nproc-per-node 8 scale/train_torch.py runs/big
    npx spanlab train --out runs/big --resume latest

Batches, their order, the schedule, the optimizer and the loss are spanlab's: every process takes its share of the rows of a
batch. Only dropout draws other numbers. What it leaves in the folder, spanlab opens, evaluates and goes on with.
"""

import argparse
import contextlib
import datetime
import hashlib
import json
import math
import os
import re
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from safetensors.torch import load_file, save_file
from torch.nn.functional import cross_entropy
from torch.nn.parallel import DistributedDataParallel
from transformers import AutoModelForQuestionAnswering

COLUMNS = ["rowStart", "inputIds", "tokenTypeIds", "offsets", "contextStart", "contextEnd",
           "startPositions", "endPositions", "record", "overflow"]  # src/tokens/feature-file.ts
HASHED = ["rowStart", "inputIds", "tokenTypeIds", "startPositions", "endPositions"]  # src/training/run-file.ts
MOMENTS = ["exp_avg", "exp_avg_sq"]
BUCKET_BATCHES = 50  # src/training/loader.ts
WORD = 0xFFFFFFFF


class Random:
    """sfc32, as in src/engine/random.ts."""

    def __init__(self, seed, stream):
        self.a, self.b, self.c, self.counter = seed & WORD, stream & WORD, 0x9E3779B9, 1
        for _ in range(12):
            self.next()

    def next(self):
        total = (self.a + self.b + self.counter) & WORD
        self.counter = (self.counter + 1) & WORD
        self.a = self.b ^ (self.b >> 9)
        self.b = (self.c + (self.c << 3)) & WORD
        self.c = ((((self.c << 21) | (self.c >> 11)) & WORD) + total) & WORD
        return total

    def shuffle(self, items):
        for i in range(len(items) - 1, 0, -1):
            j = math.floor(self.next() / 4294967296 * (i + 1))
            items[i], items[j] = items[j], items[i]


def plan(lengths, options, epoch):
    """The rows of each batch of an epoch, as in src/training/loader.ts."""
    size, random, rows = options["batchSize"], Random(options["seed"], epoch), list(range(len(lengths)))
    if options["shuffle"]:
        random.shuffle(rows)
    if options["bucket"]:
        rows = [row for part in chunks(rows, size * BUCKET_BATCHES) for row in sorted(part, key=lambda r: lengths[r])]
    batches = chunks(rows, size)
    if options["shuffle"]:
        random.shuffle(batches)
    return batches


def chunks(items, size):
    return [items[i : i + size] for i in range(0, len(items), size)]


def rate(options, total, step):
    """The learning rate of a step, counted from 0, as in src/training/schedule.ts."""
    warmup = math.floor(options["warmup"] * total)
    if step < warmup:
        return options["learningRate"] * step / max(1, warmup)
    progress = (step - warmup) / max(1, total - warmup)
    decay = {"constant": 1, "linear": max(0, 1 - progress), "cosine": max(0, 0.5 * (1 + math.cos(math.pi * progress)))}
    return options["learningRate"] * decay[options["schedule"]]


def read_features(file, expected):
    """The columns of features.bin: a JSON header of 512 bytes, then each column, filled up to 8 bytes."""
    data = file.read_bytes()
    header, at, columns = json.loads(data[:512]), 512, {}
    for name, size in zip(COLUMNS, header["bytes"]):
        columns[name] = np.frombuffer(data, np.uint8 if name == "tokenTypeIds" else np.int32, offset=at,
                                      count=size if name == "tokenTypeIds" else size // 4)
        at += -(-size // 8) * 8
    found = hashlib.sha256(b"".join(columns[name].tobytes() for name in HASHED)).hexdigest()
    if found != expected:
        sys.exit(f"error: {file}: not the rows that run.json names; prepare the folder again")
    return columns


def make_batch(features, rows, pad_to, device):
    """Padded tensors of some rows."""
    spans = [(features["rowStart"][row], features["rowStart"][row + 1]) for row in rows]
    shape = (len(rows), max(pad_to, *(to - start for start, to in spans)))
    ids, types, mask = (np.zeros(shape, np.int64) for _ in range(3))
    for i, (start, to) in enumerate(spans):
        ids[i, : to - start] = features["inputIds"][start:to]
        types[i, : to - start] = features["tokenTypeIds"][start:to]
        mask[i, : to - start] = 1
    labels = [features[name][rows].astype(np.int64) for name in ("startPositions", "endPositions")]
    return [torch.from_numpy(values).to(device) for values in (ids, types, mask, *labels)]


def sum_of_losses(model, batch, has_types, pad_to):
    """Padding takes no part in the softmax, unless rows are padded to a fixed length."""
    ids, types, mask, start, end = batch
    outputs = model(input_ids=ids, attention_mask=mask, **({"token_type_ids": types} if has_types else {}))
    losses = 0
    for logits, labels in ((outputs.start_logits, start), (outputs.end_logits, end)):
        logits = logits.float() if pad_to else logits.float().masked_fill(mask == 0, -1e30)
        losses = losses + cross_entropy(logits, labels, reduction="sum") / 2
    return losses


class Folder:
    """The run's folder; only the first process writes."""

    def __init__(self, path):
        self.path = Path(path)
        self.run = json.loads((self.path / "run.json").read_text())
        steps = [int(m[1]) for name in os.listdir(path) if (m := re.fullmatch(r"checkpoint-(\d+)", name))]
        if not steps:
            sys.exit(f"error: {path}: no checkpoint; spanlab train --prepare --out {path} makes one")
        if self.run["data"].get("own") or self.run["options"].get("freeze") or self.run["options"].get("teacher"):
            sys.exit(f"error: {path}: this run mixes data, freezes layers or has a teacher, which spanlab alone does")
        self.start = self.path / f"checkpoint-{max(steps)}"
        self.head = json.loads((self.start / "training_state.json").read_text())
        self.saved = self.head["state"]["step"]
        if self.saved != max(steps):
            problem = f"its name says step {max(steps)}, and its training_state.json says step {self.saved}"
            sys.exit(f"error: {self.start}: {problem}; if it was renamed, call it checkpoint-{self.saved} again")
        self.metrics = self.path / "metrics.jsonl"
        own = ("model.safetensors", "training_state.json", "trainer_state.json", "SHA256SUMS")
        self.files = {f.name: f.read_bytes() for f in self.start.iterdir() if f.is_file() and f.name not in own}

    def begin(self, step):
        lines = self.metrics.read_text().splitlines() if self.metrics.exists() else []
        self.write("metrics.jsonl", "".join(f"{line}\n" for line in lines if json.loads(line)["step"] <= step))
        now = {"at": timestamp(), "step": step, "host": socket.gethostname(), "pid": os.getpid()}
        self.run = {**self.run, "status": "running", "starts": [*self.run["starts"], now]}
        self.run["versions"] = {**self.run["versions"], "torch": torch.__version__}
        self.write("run.json", json.dumps(self.run, indent=2))

    def step(self, line):
        with self.metrics.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def weights(self, to, model):
        """The model, with spanlab's configuration and tokenizer."""
        to.mkdir(exist_ok=True)
        for name, content in self.files.items():
            (to / name).write_bytes(content)
        tensors = {name: value.detach().cpu().contiguous() for name, value in model.named_parameters()}
        save_file(tensors, to / "model.safetensors.part", metadata={"format": "pt"})
        os.replace(to / "model.safetensors.part", to / "model.safetensors")

    def checkpoint(self, model, optimizer, state):
        """Written under another name, flushed and renamed: a checkpoint is there whole or not at all."""
        if state["step"] == self.saved:
            return
        self.saved = state["step"]
        part, place = (self.path / name.format(state["step"]) for name in (".checkpoint-{}.part", "checkpoint-{}"))
        shutil.rmtree(part, ignore_errors=True)
        self.weights(part, model)
        for moment in MOMENTS:
            values = {name: optimizer.state[p][moment].cpu().contiguous() for name, p in model.named_parameters()}
            (part / moment).mkdir()
            save_file(values, part / moment / "model.safetensors", metadata={"format": "pt"})
        # the options are those of the checkpoint that this run began with
        text = json.dumps({"format": "spanlab-checkpoint-2", "identity": self.head["identity"], "state": state})
        (part / "training_state.json").write_text(text)
        names = sorted(str(file.relative_to(part)) for file in part.rglob("*") if file.is_file())
        sums = [f"{hashlib.sha256((part / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
        (part / "SHA256SUMS").write_text("".join(sums))
        for file in (path for path in part.rglob("*") if path.is_file()):
            with file.open("rb+") as handle:
                os.fsync(handle.fileno())
        shutil.rmtree(place, ignore_errors=True)
        part.rename(place)
        steps = sorted((int(p.name[11:]) for p in self.path.glob("checkpoint-*")), reverse=True)
        for step in steps[self.run["options"]["keepCheckpoints"] :]:
            if step != state.get("best", {}).get("step"):
                shutil.rmtree(self.path / f"checkpoint-{step}")

    def end(self, model, status, result):
        self.weights(self.path, model)
        self.write("run.json", json.dumps({**self.run, "status": status, "ended": timestamp(), "result": result}, indent=2))

    def write(self, name, text):
        (self.path / f"{name}.part").write_text(text)
        os.replace(self.path / f"{name}.part", self.path / name)


def timestamp():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def make_optimizer(model, options, folder, step):
    """AdamW; biases and layer norms do not decay."""
    groups = [{"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": options["weightDecay"]},
              {"params": [p for p in model.parameters() if p.ndim < 2], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, betas=(options["beta1"], options["beta2"]), eps=options["epsilon"])
    if step > 0:
        moments = {moment: load_file(folder / moment / "model.safetensors") for moment in MOMENTS}
        for name, p in model.named_parameters():
            values = {moment: moments[moment][name].to(p.device) for moment in MOMENTS}
            optimizer.state[p] = {"step": torch.tensor(float(step)), **values}
    return optimizer


def advance(state, loss, examples, tokens, seconds, batches, per_epoch):
    """As in src/training/state.ts."""
    added = {"step": 1, "batch": batches, "batches": batches, "examples": examples, "tokens": tokens,
             "seconds": seconds, "epochSum": loss, "epochCount": 1, "logSum": loss, "logCount": 1}
    state.update({name: state[name] + value for name, value in added.items()})
    if state["batch"] >= per_epoch:
        state["epochLosses"].append(state["epochSum"] / state["epochCount"])
        state.update(epoch=state["epoch"] + 1, batch=0, epochSum=0, epochCount=0)


class Training:
    """A model, its optimizer and its position; one in each process."""

    def __init__(self, path):
        self.folder = Folder(path)
        self.options, self.state = self.folder.run["options"], self.folder.head["state"]
        self.rank, self.world = dist.get_rank(), dist.get_world_size()
        has_gpu = torch.cuda.is_available()
        self.device = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if has_gpu else torch.device("cpu")
        self.features = read_features(self.folder.path / "features.bin", self.folder.run["data"]["sha256"])
        self.lengths = np.diff(self.features["rowStart"]).tolist()
        self.per_epoch = math.ceil(len(self.lengths) / self.options["batchSize"])
        epochs = self.options["epochs"] * math.ceil(self.per_epoch / self.options["accumulate"])
        self.total = self.options["steps"] or max(self.options.get("leastSteps", 0), epochs)
        model = AutoModelForQuestionAnswering.from_pretrained(self.folder.start, dtype=torch.float32).to(self.device)
        if self.options["recompute"]:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        self.model, self.has_types = model.train(), model.config.model_type != "distilbert"
        self.optimizer = make_optimizer(model, self.options, self.folder.start, self.state["step"])
        self.parallel = DistributedDataParallel(model, device_ids=[self.device.index] if has_gpu else None)
        wanted = self.options["precision"]
        narrow = wanted == "bf16" or (wanted == "auto" and has_gpu and torch.cuda.is_bf16_supported())
        self.precision = torch.autocast(self.device.type, torch.bfloat16, enabled=narrow)
        self.plan = (-1, [])

    def batches(self):
        """The batches of the next update."""
        if self.plan[0] != self.state["epoch"]:
            self.plan = (self.state["epoch"], plan(self.lengths, self.options, self.state["epoch"]))
        return self.plan[1][self.state["batch"] : self.state["batch"] + self.options["accumulate"]]

    def step(self, is_stopping):
        """One update. Returns whether any process was told to stop."""
        began, options, state, batches = time.perf_counter(), self.options, self.state, self.batches()
        examples, tokens = sum(map(len, batches)), sum(self.lengths[row] for rows in batches for row in rows)
        torch.manual_seed((options["seed"] * 1_000_003 + state["batches"]) * self.world + self.rank)  # of dropout
        self.optimizer.zero_grad()
        report = torch.tensor([0.0, float(is_stopping)], dtype=torch.float64, device=self.device)
        for i, rows in enumerate(batches):
            mine = rows[self.rank :: self.world]
            is_last = i == len(batches) - 1
            with contextlib.nullcontext() if is_last else self.parallel.no_sync():
                # a process without a row takes part with one that does not count
                batch = make_batch(self.features, mine or rows[:1], options["padTo"], self.device)
                with self.precision:
                    loss = sum_of_losses(self.parallel, batch, self.has_types, options["padTo"])
                loss = loss * (1 if mine else 0) / examples
                (loss * self.world).backward()  # the processes' gradients are averaged
                report[0] += loss.detach()
        dist.all_reduce(report)
        loss, learning_rate = report[0].item(), rate(options, self.total, state["step"])
        limit = options["maxGradientNorm"] or math.inf
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), limit).item()
        if not math.isfinite(loss + norm):
            sys.exit(f"error: loss {loss}, gradient norm {norm} at step {state['step'] + 1}; lower the learning rate")
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.step()
        seconds = time.perf_counter() - began
        advance(state, loss, examples, tokens, seconds, len(batches), self.per_epoch)
        self.report(learning_rate, norm, loss, tokens / seconds)
        return report[1].item() > 0

    def report(self, learning_rate, norm, loss, speed):
        """The lines of metrics.jsonl and of the history, in spanlab's words."""
        options, state = self.options, self.state
        common = {"epoch": state["epoch"] + state["batch"] / self.per_epoch, "grad_norm": norm,
                  "learning_rate": learning_rate, "step": state["step"]}
        if state["step"] % options["logEvery"] == 0:
            state["history"].append({**common, "loss": state["logSum"] / state["logCount"]})
            state.update(logSum=0, logCount=0)
        if self.rank == 0:
            memory = torch.cuda.memory_reserved() if self.device.type == "cuda" else resident_memory()
            self.folder.step({**common, "loss": loss, "tokens_per_second": round(speed), "memory": memory,
                              "seconds": round(state["seconds"], 4)})
            if state["step"] % options["logEvery"] == 0 or state["step"] == self.total:
                print(f"step {state['step']} of {self.total}  loss {loss:.4f}  {speed:.0f} tokens/s", file=sys.stderr)


def resident_memory():
    """Bytes, on Linux; elsewhere 0."""
    file = Path("/proc/self/statm")
    return int(file.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if file.exists() else 0


def main():
    parser = argparse.ArgumentParser(description="train a spanlab run folder data-parallel; start it with torchrun")
    parser.add_argument("run", help="the folder that `spanlab train --prepare` wrote")
    parser.add_argument("--until", type=int, default=sys.maxsize, help="stop after this step, for spanlab to go on")
    arguments = parser.parse_args()
    if torch.cuda.is_available():
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    stopping = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.append(True))
    training = Training(arguments.run)
    folder, state, is_first = training.folder, training.state, training.rank == 0
    dist.barrier()  # all have read the folder
    if is_first:
        folder.begin(state["step"])
    every, is_stopped = training.options["checkpointEvery"], False
    while state["step"] < min(training.total, arguments.until) and not is_stopped:
        is_stopped = training.step(bool(stopping))
        if is_first and every > 0 and state["step"] % every == 0:
            folder.checkpoint(training.model, training.optimizer, state)
    if is_first:
        if state["step"] > 0:
            folder.checkpoint(training.model, training.optimizer, state)
        is_over = state["step"] >= training.total
        speed = state["examples"] / state["seconds"] if state["seconds"] else 0
        losses = state["epochLosses"] + ([state["epochSum"] / state["epochCount"]] if state["epochCount"] else [])
        folder.end(training.model, "finished" if is_over else "stopped",
                   {"steps": state["step"], "epochLosses": losses, "seconds": state["seconds"],
                    "stopped": not is_over, "examplesPerSecond": speed})
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
