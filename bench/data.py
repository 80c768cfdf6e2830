"""One side of bench/data: Python's json and the loops of the lesson. Prints one line of JSON."""

import json
import resource
import sys
import time


def read_squad(path):
    with open(path, "rb") as source:
        squad = json.load(source)
    contexts, questions, answers = [], [], []
    for group in squad["data"]:
        for passage in group["paragraphs"]:
            context = passage["context"]
            for qa in passage["qas"]:
                access = "plausible_answers" if "plausible_answers" in qa else "answers"
                for answer in qa[access]:
                    contexts.append(context)
                    questions.append(qa["question"])
                    answers.append(answer)
    return contexts, questions, answers


def add_end_idx(answers, contexts):
    for answer, context in zip(answers, contexts):
        text, start = answer["text"], answer["answer_start"]
        end = start + len(text)
        if context[start:end] == text:
            answer["answer_end"] = end
        else:
            for n in [1, 2]:
                if context[start - n : end - n] == text:
                    answer["answer_start"] = start - n
                    answer["answer_end"] = end - n


def main(path):
    began = time.perf_counter()
    contexts, questions, answers = read_squad(path)
    add_end_idx(answers, contexts)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(json.dumps({"seconds": seconds, "answers": len(answers), "peak": peak}))


if __name__ == "__main__":
    main(*sys.argv[1:])
