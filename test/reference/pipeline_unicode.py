"""Characters as the tokenizers package sees them: pipeline_unicode.py OUTPUT.ts

Its tables are older than those of Node, and differ from part to part: patterns go by Unicode 16, normal forms by Unicode 9.
"""

import sys
from pathlib import Path

import tokenizers
from tokenizers import Regex, normalizers

POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def removed_by(normalizer, around=""):
    return {c for c in POINTS if normalizer.normalize_str(around + chr(c)) == around}


def base36(n):
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return (base36(n // 36) if n >= 36 else "") + digits[n % 36]


def encode(points):
    """Ranges: the gap to the end of the one before, and the length."""
    steps, end = [], 0
    points = sorted(points)
    i = 0
    while i < len(points):
        j = i
        while j + 1 < len(points) and points[j + 1] == points[j] + 1:
            j += 1
        steps += [points[i] - end, points[j] + 1 - points[i]]
        end = points[j] + 1
        i = j + 1
    return " ".join(map(base36, steps))


def decomposed(form):
    normalizer = getattr(normalizers, form)()
    return {c for c in POINTS if normalizer.normalize_str(chr(c)) != chr(c)}


def reordered():
    """Characters with a combining class: they change places with one of class 240 before them, or of class 1 behind them."""
    nfd = normalizers.NFD().normalize_str
    behind = {c for c in POINTS if nfd("a\u0345" + chr(c)) != nfd("a\u0345") + nfd(chr(c))}
    before = {c for c in POINTS if c != 0x334 and nfd("a" + chr(c) + "\u0334") != nfd("a" + chr(c)) + "\u0334"}
    return behind | before | {0x334}


def main(output):
    tables = {
        "LETTERS": (removed_by(normalizers.Replace(Regex(r"\p{L}"), "")), "The letters of patterns, `\\\\p{L}`."),
        "NUMBERS": (removed_by(normalizers.Replace(Regex(r"\p{N}"), "")), "The numbers of patterns, `\\\\p{N}`."),
        "ACCENTS": (removed_by(normalizers.StripAccents(), "a"), "What StripAccents drops."),
        "DECOMPOSED": (decomposed("NFKD"), "What has a decomposition, canonical or of compatibility."),
        "REORDERED": (reordered(), "Marks that have a combining class."),
    }
    lines = [
        f"// Made by test/reference/pipeline_unicode.py from the package tokenizers {tokenizers.__version__}; do not edit.",
        "// Sets of code points: for each range, in base 36, the gap to the end of the range before and its length.",
    ]
    for name, (points, comment) in tables.items():
        lines += ["", f"/** {comment} */".replace("\\\\", "\\"), f"export const {name} =", f"  '{encode(points)}';"]
    Path(output).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
