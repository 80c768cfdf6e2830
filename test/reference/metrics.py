"""Scores of generated answers by torchmetrics' copy of the official SQuAD evaluation. Usage: metrics.py OUTPUT_FILE."""

import json
import random
import sys

import torchmetrics
from torchmetrics.functional.text.squad import _compute_exact_match_score, _compute_f1_score, _normalize_text

WORDS = ["the", "The", "a", "An", "an", "cat", "Cat", "cats", "U.S.", "1,874", "état", "ÉTAT", "naïve", "北京", "café's", "“quoted”",
         "don't", "–", "x-ray", "İstanbul", "straße", "the-end", "a.b", "🎉", "ﬁre", "Å", "theatre", "anew", "_a_", "a_b", "۱۲", "", " "]
SPACES = [" ", "  ", "\t", "\n", "\u00a0", "\u3000", "\u200b", "\ufeff", "\x1c", "\u2028", " a ", " the "]


def text(rng):
    return "".join(rng.choice(WORDS) + rng.choice(SPACES) for _ in range(rng.randrange(5)))


def scores(gold, predicted):
    return _normalize_text(gold), int(_compute_exact_match_score(predicted, gold)), float(_compute_f1_score(predicted, gold))


def main(target):
    rng = random.Random(0)
    cases = []
    for i in range(800):
        gold = text(rng)
        predicted = gold if i % 7 == 0 else gold.upper() if i % 7 == 1 else text(rng)
        cases.append([gold, predicted, *scores(gold, predicted)])
    record = {"versions": {"torchmetrics": torchmetrics.__version__, "python": sys.version.split()[0]}, "cases": cases}
    with open(target, "w") as file:
        json.dump(record, file, ensure_ascii=False)


if __name__ == "__main__":
    main(sys.argv[1])
