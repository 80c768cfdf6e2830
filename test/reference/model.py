"""The reference for model, gradients and optimizer: what PyTorch and transformers compute on tiny random models.

Writes tiny folders with Python's own save_pretrained and, for each, logits, loss, gradients and weights after AdamW steps.
Usage: model.py OUTPUT_DIR [FAMILY ...]. Prints the versions.
"""

import json
import sys
from pathlib import Path

import torch
import transformers
from torch.nn.functional import cross_entropy

STEPS = 20
LEARNING_RATE, WARMUP, TOTAL = 1e-3, 4, 20

SIZES = {
    "vocab_size": 50, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3, "intermediate_size": 20,
    "max_position_embeddings": 16, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0,
    "initializer_range": 0.3,
}
ROBERTA = {**SIZES, "max_position_embeddings": 18, "type_vocab_size": 1, "pad_token_id": 1, "layer_norm_eps": 1e-5}

# Each family: the class, its sizes, the seed. `hides`: the reference computes padding otherwise than we do, so that only the
# scores of real tokens count. `types`: whether there are token types.
FAMILIES = {
    "bert": ("Bert", SIZES, 1),
    "distilbert": (
        "DistilBert",
        {
            "vocab_size": 50, "dim": 12, "n_layers": 2, "n_heads": 3, "hidden_dim": 20, "max_position_embeddings": 16,
            "dropout": 0.0, "attention_dropout": 0.0, "qa_dropout": 0.0, "initializer_range": 0.3,
        },
        2,
    ),
    "electra": ("Electra", {**SIZES, "embedding_size": 12}, 4),
    "electra-small": ("Electra", {**SIZES, "embedding_size": 6}, 5),
    "roberta": ("Roberta", ROBERTA, 6),
    "xlm-roberta": ("XLMRoberta", {**ROBERTA, "hidden_act": "relu"}, 7),
    "camembert": ("Camembert", {**ROBERTA, "hidden_act": "silu"}, 8),
    "mpnet": ("MPNet", {**ROBERTA, "max_position_embeddings": 28}, 9),
    "albert": ("Albert", {**SIZES, "embedding_size": 8, "hidden_act": "gelu_new"}, 10),
    "deberta-v2": (
        "DebertaV2",
        {
            **SIZES, "type_vocab_size": 0, "relative_attention": True, "max_relative_positions": -1,
            "position_buckets": 4, "norm_rel_ebd": "layer_norm", "share_att_key": True, "pos_att_type": "p2c|c2p",
            "position_biased_input": False, "max_position_embeddings": 24, "layer_norm_eps": 1e-7,
        },
        11,
    ),
    "modernbert": (
        "ModernBert",
        {
            "vocab_size": 50, "hidden_size": 12, "num_hidden_layers": 4, "num_attention_heads": 3,
            "intermediate_size": 10, "max_position_embeddings": 24, "initializer_range": 0.3, "local_attention": 4,
            "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2,
        },
        12,
    ),
    "rembert": ("RemBert", {**SIZES, "input_embedding_size": 6, "output_embedding_size": 9}, 13),
}
PLAIN = ("bert", "distilbert", "electra")
HIDES = ("deberta-v2", "modernbert")
TYPES = ("bert", "electra", "electra-small", "albert", "rembert")


def tiny(name):
    kind, sizes, seed = FAMILIES[name]
    torch.manual_seed(seed)
    config = getattr(transformers, f"{kind}Config")(**sizes)
    model = getattr(transformers, f"{kind}ForQuestionAnswering")(config)
    if name not in PLAIN:
        # biases of zero and gains of one would hide that they are forgotten
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter.data += 0.2 * torch.randn_like(parameter)
    return model


def batch(name):
    torch.manual_seed(3)
    padding = 1 if name in ("roberta", "xlm-roberta", "camembert", "mpnet") else 0
    length, lengths = (9, [9, 7, 5, 8]) if name not in ("mpnet", "deberta-v2", "modernbert") else (20, [20, 7, 2, 13])
    ids = torch.randint(padding + 1, 50, (4, length))
    mask = torch.ones(4, length, dtype=torch.long)
    for row, count in enumerate(lengths):
        ids[row, count:] = padding
        mask[row, count:] = 0
    inputs = {"input_ids": ids, "attention_mask": mask}
    if name in TYPES:
        inputs["token_type_ids"] = (torch.arange(length).unsqueeze(0).repeat(4, 1) > 3).long() * mask
    # the last label lies beyond the row: the reference ignores it
    beyond = length + 3
    start, end = ([0, 3, 4, beyond], [2, 5, 4, beyond]) if length == 9 else ([3, 3, 1, beyond], [17, 5, 1, beyond])
    return inputs, torch.tensor(start), torch.tensor(end)


def loss_of(name, model, inputs, start, end):
    """The loss and the scores; where padding is hidden, no probability is left for it."""
    outputs = model(**inputs, start_positions=start, end_positions=end)
    if name not in HIDES:
        return outputs.loss, outputs
    length = inputs["input_ids"].shape[1]
    losses = []
    for key, label in (("start_logits", start), ("end_logits", end)):
        outputs[key] = outputs[key].masked_fill(inputs["attention_mask"] == 0, -1e30)
        losses.append(cross_entropy(outputs[key], label.clamp(0, length), ignore_index=length))
    return sum(losses) / 2, outputs


def groups(model):
    decay = [p for p in model.parameters() if p.ndim > 1]
    rest = [p for p in model.parameters() if p.ndim < 2]
    return [{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}]


def as_lists(tensors):
    return {name: [float(f"{x:.8g}") for x in tensor.detach().flatten().tolist()] for name, tensor in tensors}


def main(target, *names):
    target = Path(target)
    print(json.dumps({"torch": torch.__version__, "transformers": transformers.__version__}))
    for name in names or FAMILIES:
        model = tiny(name)
        model.train()
        folder = target / name
        model.save_pretrained(folder)
        inputs, start, end = batch(name)
        loss, outputs = loss_of(name, model, inputs, start, end)
        loss.backward()
        record = {
            "versions": {"torch": torch.__version__, "transformers": transformers.__version__},
            "inputs": {key: value.tolist() for key, value in inputs.items()},
            "hides": name in HIDES,
            "start": start.tolist(),
            "end": end.tolist(),
            "startLogits": outputs.start_logits.tolist(),
            "endLogits": outputs.end_logits.tolist(),
            "loss": loss.item(),
            "gradients": as_lists((n, p.grad) for n, p in model.named_parameters()),
            "after": {},
            "norms": [],
            "losses": [],
        }
        optimizer = torch.optim.AdamW(groups(model), lr=LEARNING_RATE)
        schedule = transformers.get_linear_schedule_with_warmup(optimizer, WARMUP, TOTAL)
        for step in range(1, STEPS + 1):
            optimizer.zero_grad()
            loss, _ = loss_of(name, model, inputs, start, end)
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
    main(*sys.argv[1:])
