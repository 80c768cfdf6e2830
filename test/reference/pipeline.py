"""Answers of transformers 4's question-answering pipeline for scores that a formula gives: pipeline.py ENCODER_DIR OUTPUT_FILE."""

import json
import sys

import torch
import transformers
from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering, pipeline

SHORT = "In the end Ada Lovelace won the U.S. race, and 🎉 Łódź cheered: 1,874 people, re-elected mayors and a well-known 'poet'."
LONG = " ".join(f"On day {i} the crew of ship number {i * 7} saw {i % 9} whales near Ålesund;" for i in range(90))
CASES = [
    (["Who won?"], SHORT, {}),
    (["Who won?"], SHORT, {"top_k": 5}),
    (["Who won?"], SHORT, {"top_k": 10, "align_to_words": False}),
    (["Who won?"], SHORT, {"top_k": 4, "max_answer_len": 2}),
    (["Who won?"], SHORT, {"top_k": 20, "handle_impossible_answer": True}),
    (["Which day?"], LONG, {"top_k": 3}),
    (["Which day?"], LONG, {"top_k": 5, "max_seq_len": 96}),
    (["Which day?"], LONG, {"top_k": 5, "max_seq_len": 64, "doc_stride": 8, "handle_impossible_answer": True}),
    (["Which day?", "How many whales?", "Where?"], LONG, {"top_k": 2, "max_seq_len": 128, "doc_stride": 32}),
]


def score(ids, which):
    positions = torch.arange(ids.shape[1], dtype=torch.int64)
    hashed = (ids * 7919 + positions * 104729 + which * 15485863) % 100003
    return (hashed.double() / 8000).float()


def utf16(text, position):
    return len(text[:position].encode("utf-16-le")) // 2


def main(encoder, target):
    config = BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
    model = BertForQuestionAnswering(config)
    model.forward = lambda input_ids, **_: {"start_logits": score(input_ids, 1), "end_logits": score(input_ids, 2)}
    task = pipeline("question-answering", model=model, tokenizer=AutoTokenizer.from_pretrained(encoder), device="cpu")
    cases = []
    for questions, context, parameters in CASES:
        lists = []
        for question in questions:
            answers = task(question=question, context=context, **parameters)
            answers = answers if isinstance(answers, list) else [answers]
            lists.append([{**one, "start": utf16(context, one["start"]), "end": utf16(context, one["end"])} for one in answers])
        cases.append({"questions": questions, "context": context, "parameters": parameters, "answers": lists})
    with open(target, "w") as file:
        json.dump({"transformers": transformers.__version__, "cases": cases}, file, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
