"""The same pairs through Python's transformers: python bench/tokens.py MODEL_DIR PAIRS_JSON; prints seconds a case.

Called in batches of 1000, as datasets.map calls it in run_qa; `labels` adds run_qa's search for the answer's tokens.
"""

import json
import sys
import time

from transformers import AutoTokenizer


def label(enc, samples, answers):
    for i, sample in enumerate(samples):
        e, (start_char, end_char) = enc.encodings[i], answers[sample]
        offsets, sequences = enc["offset_mapping"][i], enc.sequence_ids(i)
        start = 0
        while sequences[start] != 1:
            start += 1
        end = len(offsets) - 1
        while sequences[end] != 1:
            end -= 1
        if offsets[start][0] <= start_char and offsets[end][1] >= end_char:
            while start < len(offsets) and offsets[start][0] <= start_char:
                start += 1
            while offsets[end][1] >= end_char:
                end -= 1


def main(model_dir, path):
    pairs = json.load(open(path))
    tok = AutoTokenizer.from_pretrained(model_dir)
    for labels in (False, True):
        began = time.perf_counter()
        for i in range(0, len(pairs), 1000):
            questions, contexts, answers = zip(*pairs[i : i + 1000])
            enc = tok(list(questions), list(contexts), truncation="only_second", max_length=384, stride=128,
                      return_overflowing_tokens=True, return_offsets_mapping=True)
            if labels:
                label(enc, enc["overflow_to_sample_mapping"], answers)
        print(json.dumps({"labels": labels, "seconds": time.perf_counter() - began}), flush=True)


main(*sys.argv[1:])
