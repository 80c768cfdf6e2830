"""Learning-rate factors of transformers' schedules, one number a step. Usage: schedules.py OUTPUT_FILE."""

import json
import sys

import torch
import transformers

STEPS, WARMUP = 20, 5


def factors(make):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    schedule = make(optimizer)
    values = []
    for _ in range(STEPS):
        values.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return values


record = {
    "versions": {"transformers": transformers.__version__},
    "steps": STEPS,
    "warmup": WARMUP,
    "linear": factors(lambda o: transformers.get_linear_schedule_with_warmup(o, WARMUP, STEPS)),
    "cosine": factors(lambda o: transformers.get_cosine_schedule_with_warmup(o, WARMUP, STEPS)),
    "constant": factors(lambda o: transformers.get_constant_schedule_with_warmup(o, WARMUP)),
}
with open(sys.argv[1], "w") as file:
    json.dump(record, file)
