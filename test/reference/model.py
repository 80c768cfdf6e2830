"""The reference for model, gradients and optimizer: what PyTorch and transformers compute on tiny random models.

Writes tiny folders with Python's own save_pretrained and, for each, logits, loss, gradients and weights after AdamW steps.
Usage: model.py OUTPUT_DIR. Prints the versions.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    DistilBertConfig,
    DistilBertForQuestionAnswering,
    ElectraConfig,
    ElectraForQuestionAnswering,
)

STEPS = 20
LEARNING_RATE, WARMUP, TOTAL = 1e-3, 4, 20


def tiny(name):
    torch.manual_seed({"bert": 1, "distilbert": 2, "electra": 4}[name])
    if name == "bert":
        config = BertConfig(
            vocab_size=50, hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=20,
            max_position_embeddings=16, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
            initializer_range=0.3,
        )
        return BertForQuestionAnswering(config)
    if name == "electra":
        config = ElectraConfig(
            vocab_size=50, embedding_size=12, hidden_size=12, num_hidden_layers=2, num_attention_heads=3,
            intermediate_size=20, max_position_embeddings=16, hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0, initializer_range=0.3,
        )
        return ElectraForQuestionAnswering(config)
    config = DistilBertConfig(
        vocab_size=50, dim=12, n_layers=2, n_heads=3, hidden_dim=20, max_position_embeddings=16,
        dropout=0.0, attention_dropout=0.0, qa_dropout=0.0, initializer_range=0.3,
    )
    return DistilBertForQuestionAnswering(config)


def batch(name):
    torch.manual_seed(3)
    ids = torch.randint(1, 50, (4, 9))
    mask = torch.ones(4, 9, dtype=torch.long)
    for row, length in enumerate([9, 7, 5, 8]):
        ids[row, length:] = 0
        mask[row, length:] = 0
    inputs = {"input_ids": ids, "attention_mask": mask}
    if name != "distilbert":
        inputs["token_type_ids"] = (torch.arange(9).unsqueeze(0).repeat(4, 1) > 3).long() * mask
    # the last label lies beyond the row: the reference ignores it
    return inputs, torch.tensor([0, 3, 4, 12]), torch.tensor([2, 5, 4, 12])


def groups(model):
    decay = [p for p in model.parameters() if p.ndim > 1]
    rest = [p for p in model.parameters() if p.ndim < 2]
    return [{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}]


def as_lists(tensors):
    return {name: [float(f"{x:.9g}") for x in tensor.detach().flatten().tolist()] for name, tensor in tensors}


def main(target):
    target = Path(target)
    print(json.dumps({"torch": torch.__version__, "transformers": transformers.__version__}))
    for name in ["bert", "distilbert", "electra"]:
        model = tiny(name)
        model.train()
        folder = target / name
        model.save_pretrained(folder)
        inputs, start, end = batch(name)
        outputs = model(**inputs, start_positions=start, end_positions=end)
        outputs.loss.backward()
        record = {
            "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
            "inputs": {key: value.tolist() for key, value in inputs.items()},
            "start": start.tolist(),
            "end": end.tolist(),
            "startLogits": outputs.start_logits.tolist(),
            "endLogits": outputs.end_logits.tolist(),
            "loss": outputs.loss.item(),
            "gradients": as_lists((n, p.grad) for n, p in model.named_parameters()),
            "after": {},
            "norms": [],
            "losses": [],
        }
        optimizer = torch.optim.AdamW(groups(model), lr=LEARNING_RATE)
        schedule = transformers.get_linear_schedule_with_warmup(optimizer, WARMUP, TOTAL)
        for step in range(1, STEPS + 1):
            optimizer.zero_grad()
            loss = model(**inputs, start_positions=start, end_positions=end).loss
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            record["losses"].append(loss.item())
            record["norms"].append(norm.item())
            if step in (1, 5, 20):
                record["after"][step] = as_lists(model.named_parameters())
        (folder / "reference.json").write_text(json.dumps(record))


if __name__ == "__main__":
    main(sys.argv[1])
