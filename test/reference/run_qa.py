"""run_qa's rules for answers, written again in Python, for the tests and the bench of evaluation.

    run_qa.py cases OUTPUT_FILE                       generated windows with scores, and their answers
    run_qa.py compare MODEL_DIR OURS LOGITS MAX STRIDE   our answers against those of the rules on the same scores
    run_qa.py time QUESTIONS                              seconds for the windows of QUESTIONS
The rules: `postprocess_qa_predictions` in transformers' examples/pytorch/question-answering/utils_qa.py, and for the maximum
context `_new_check_is_max_context` in transformers' data/processors/squad.py."""

import hashlib
import json
import sys
import time

import numpy as np

N_BEST = 20
MAX_ANSWER = 30


def max_context(windows):
    """For each window its context tokens that no other window shows with more context. Windows: (first token, tokens)."""
    kept = [set() for _ in windows]
    for token in {first + i for first, count in windows for i in range(count)}:
        best = None
        for index, (first, count) in enumerate(windows):
            if not first <= token < first + count:
                continue
            score = min(token - first, first + count - 1 - token) + 0.01 * count
            if best is None or score > best[0]:
                best = (score, index)
        kept[best[1]].add(token - windows[best[1]][0])
    return kept


def answers(context, windows, impossible):
    """N-best list and null odds of one question; `windows` hold start, end (float32 scores), offsets and kept starts."""
    null, found = None, []
    for window in windows:
        start, end, offsets = window["start"], window["end"], window["offsets"]
        score = start[0] + end[0]
        if null is None or score < null["score"]:
            null = {"score": score, "start_logit": start[0], "end_logit": end[0], "offsets": (0, 0)}
        starts = np.argsort(-start, kind="stable")[:N_BEST]
        ends = np.argsort(-end, kind="stable")[:N_BEST]
        for s in starts:
            for e in ends:
                if offsets[s] is None or offsets[e] is None or e < s or e - s + 1 > MAX_ANSWER:
                    continue
                if window.get("kept") is not None and s not in window["kept"]:
                    continue
                found.append({"score": start[s] + end[e], "start_logit": start[s], "end_logit": end[e],
                              "offsets": (offsets[s][0], offsets[e][1])})
    best = sorted(found, key=lambda span: span["score"], reverse=True)
    ranked = sorted(found + [null], key=lambda span: span["score"], reverse=True) if impossible else best
    ranked = ranked[:N_BEST]
    if impossible and not any(span is null for span in ranked):
        ranked.append(null)
    scores = np.array([span["score"] for span in ranked], dtype=np.float64)
    shares = np.exp(scores - scores.max()) if len(ranked) else scores
    entries = [{"text": context[span["offsets"][0]:span["offsets"][1]], "start": span["offsets"][0], "end": span["offsets"][1],
                "start_logit": float(span["start_logit"]), "end_logit": float(span["end_logit"]), "probability": float(share)}
               for span, share in zip(ranked, shares / shares.sum())]
    odds = float(null["score"] - best[0]["start_logit"] - best[0]["end_logit"]) if best else 0.0
    return entries, odds


def case(rng):
    """A context of one-letter words in overlapping windows behind a question of two tokens."""
    words = int(rng.integers(1, 60))
    room, overlap = int(rng.integers(8, 40)), int(rng.integers(0, 6))
    windows, first = [], 0
    while True:
        count = min(room, words - first)
        windows.append((first, count))
        if first + count >= words:
            break
        first += room - overlap
    rows = []
    for first, count in windows:
        scores = np.round(rng.normal(0, 3, (2, count + 5)), 3).astype(np.float32)
        rows.append({"first": first, "count": count, "start": scores[0], "end": scores[1]})
    return words, rows


def run_case(words, rows, kept, impossible):
    context = " ".join(chr(97 + i % 26) for i in range(words))
    windows = []
    for i, row in enumerate(rows):
        inside = [(2 * (row["first"] + t), 2 * (row["first"] + t) + 1) for t in range(row["count"])]
        windows.append({"start": row["start"], "end": row["end"], "offsets": [None] * 4 + inside + [None],
                        "kept": {t + 4 for t in kept[i]} if kept else None})
    return answers(context, windows, impossible)


def cases(target):
    rng = np.random.default_rng(0)
    written = []
    while len(written) < 40:
        words, rows = case(rng)
        plain, odds = run_case(words, rows, None, False)
        kept = max_context([(row["first"], row["count"]) for row in rows])
        limited, _ = run_case(words, rows, kept, False)
        if not plain or not limited:
            continue  # run_qa answers "empty" here
        null, _ = run_case(words, rows, None, True)
        short = lambda entries: [[e["start"], e["end"], round(e["probability"], 7)] for e in entries]
        written.append({"words": words, "nullOdds": odds, "nBest": short(plain), "withNull": short(null),
                        "maxContext": short(limited[:5]),
                        "windows": [{"first": row["first"], "count": row["count"],
                                     "start": [round(float(x), 3) for x in row["start"]],
                                     "end": [round(float(x), 3) for x in row["end"]]} for row in rows]})
    with open(target, "w") as file:
        json.dump({"numpy": np.__version__, "cases": written}, file, separators=(",", ":"))


def utf16(text, position):
    return len(text[:position].encode("utf-16-le")) // 2


def compare(folder, ours_file, logits_file, max_length, stride):
    from safetensors.numpy import load_file
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    logits = load_file(logits_file)
    with open(ours_file) as file:
        ours = json.load(file)
    row, same, close, several, worst = 0, 0, 0, 0, 0.0
    digest = hashlib.sha256()
    for question in ours:
        encoded = tokenizer(question["question"].lstrip(), question["context"], truncation="only_second", max_length=int(max_length),
                            stride=int(stride), return_overflowing_tokens=True, return_offsets_mapping=True)
        windows = []
        for i, offsets in enumerate(encoded["offset_mapping"]):
            length = logits["lengths"][row]
            assert length == len(offsets), f"row {row}: {length} tokens, {len(offsets)} expected"
            sequences = encoded.sequence_ids(i)
            windows.append({"start": logits["start_logits"][row][:length], "end": logits["end_logits"][row][:length],
                            "offsets": [pair if sequences[t] == 1 else None for t, pair in enumerate(offsets)]})
            row += 1
        several += len(windows) > 1
        entries, odds = answers(question["context"], windows, False)
        theirs = [[utf16(question["context"], e["start"]), utf16(question["context"], e["end"]), e["text"]] for e in entries]
        mine = [[e["start"], e["end"], e["text"]] for e in question["best"]]
        same += bool(theirs) and theirs[0] == mine[0]
        close += theirs == mine
        worst = max([worst, abs(odds - question["nullOdds"])] +
                    [abs(e["probability"] - m["probability"]) for e, m in zip(entries, question["best"])])
        digest.update(json.dumps(theirs[:1]).encode())
    assert row == len(logits["lengths"]), "windows left over"
    result = {"questions": len(ours), "windows": row, "in several windows": several, "same span": same, "same n-best list": close,
              "largest difference of probabilities and null odds": worst, "sha256 of the spans": digest.hexdigest()}
    print(json.dumps(result))
    return int(same != len(ours))


def bench(features_file):
    with open(features_file) as file:
        questions = json.load(file)
    for question in questions:
        for window in question["windows"]:
            window["start"], window["end"] = (np.array(window[key], dtype=np.float32) for key in ("start", "end"))
    began = time.perf_counter()
    for question in questions:
        answers(question["context"], question["windows"], True)
    print(time.perf_counter() - began)


if __name__ == "__main__":
    commands = {"cases": cases, "compare": compare, "time": bench}
    sys.exit(commands[sys.argv[1]](*sys.argv[2:]))
