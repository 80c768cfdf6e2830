"""Marks of generated data sets by transformers 4's port of the official evaluate-v2.0.py. Usage: evaluation.py OUTPUT_FILE."""

import json
import random
import sys
from types import SimpleNamespace

import transformers
from transformers.data.metrics.squad_metrics import squad_evaluate

WORDS = ["the", "The", "a", "An", "an", "cat", "Cat", "cats", "dog", "U.S.", "1,874", "état", "ÉTAT", "naïve", "北京", "café's",
         "“quoted”", "don't", "–", "x-ray", "İstanbul", "straße", "the-end", "a.b", "🎉", "ﬁre", "theatre", "_a_", "۱۲", "a\u0301",
         "the\u0301", "a\u093e", "a²", "ΟΔΟΣ", "!", ""]
SPACES = [" "] * 8 + ["  ", "\t", "\n", "\u00a0", "\u3000", "\u200b", "\ufeff", "\x1c", "\u2028", " a ", " the "]


def text(rng, most=5):
    return "".join(rng.choice(WORDS) + rng.choice(SPACES) for _ in range(rng.randrange(most)))


def answers(rng, empty):
    return [] if rng.random() < empty else [text(rng) for _ in range(rng.randrange(1, 5))]


def prediction(rng, golds):
    kind = rng.randrange(4)
    if kind == 0:
        return ""
    if kind == 1 or not golds:
        return text(rng)
    gold = rng.choice(golds)
    return gold.upper() if kind == 2 else text(rng, 3) + gold


def odds(rng):
    return rng.choice([rng.uniform(-12, 12), rng.uniform(-12, 12), rng.random(), float(rng.randrange(-2, 3))])


def case(rng, i):
    empty = rng.choice([0, 0.5, 1])  # all, some or no questions have an answer
    golds = [answers(rng, empty) for _ in range(40 if i % 50 == 0 else rng.randrange(1, 5))]
    predictions = [prediction(rng, texts) for texts in golds]
    result = {"golds": golds, "predictions": predictions}
    if i % 2 == 0:
        result["odds"] = [odds(rng) for _ in golds]
    if i % 4 == 0:
        result["threshold"] = odds(rng)
    return result


def evaluate(given):
    ids = [f"q{i}" for i in range(len(given["golds"]))]
    examples = [SimpleNamespace(qas_id=id, answers=[{"text": text} for text in golds]) for id, golds in zip(ids, given["golds"])]
    predictions = dict(zip(ids, given["predictions"]))
    no_answer = dict(zip(ids, given["odds"])) if "odds" in given else None
    marks = squad_evaluate(examples, predictions, no_answer, given.get("threshold", 1.0))
    if no_answer is None:  # the official script prints them only where it was given odds
        marks = {name: value for name, value in marks.items() if not name.startswith("best_")}
    return marks


def main(target):
    rng = random.Random(0)
    cases = [case(rng, i) for i in range(600)]
    for given in cases:
        given["metrics"] = evaluate(given)
    versions = {"transformers": transformers.__version__, "python": sys.version.split()[0]}
    with open(target, "w") as file:
        json.dump({"versions": versions, "cases": cases}, file, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    main(sys.argv[1])
