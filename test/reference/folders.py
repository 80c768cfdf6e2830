"""Tokenizer folders as people have them, and what transformers makes of each: folders.py CORPUS.txt PIPELINE OUTPUT

Needs sentencepiece beside transformers. Writes OUTPUT/cases.json.gz (the files of each folder, and ids, types, offsets and longest row
of AutoTokenizer) and OUTPUT/NAME.model.gz. PIPELINE has the tokenizers of pipeline_tokenizers.py.
"""

import contextlib
import gzip
import json
import logging
import sys
import tempfile
import warnings
from pathlib import Path

import sentencepiece
from transformers import AutoTokenizer, __version__

TEXTS = [
    "Hello WORLD, Ünïcödé naïve 中文字 ok",
    "[PAR] and [unused0] mill [MASK] x <mask> y  <mask>",
    "[par] <e1> foo<e1>bar  <E1> <unk> [UNK]",
    "it's a   test\u200b of [SEP] [CLS]things </s><s>",
    "",
    " ",
    "İstanbul ßtraße ﬁ É̄ ①② ㍿ ｶﾞ",
    "``quoted'' text\n\twith  tabs\r\n",
    "3.14, 1,234 km — ₂ ½",
    "東京は日本の首都です。 Это пример",
]
WORDS = "the and of mill test foo bar hello world things quoted text with tabs it ok naive naïve unicode ünïcödé Hello WORLD km".split()
LETTERS = "abcdefghijklmnopqrstuvwxyzßäöüïéèñ0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZİ中文字東京日本"
VOCAB = ["[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *LETTERS, *[f"##{c}" for c in LETTERS], *".,'`<>/[]—-"]
SIZES = {"vocab_size": 2000, "hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 1, "intermediate_size": 8}
RULES = "ﬁ\tfi\n①\t1\n②\t2\n㍿\t株式会社\n½\t1⁄2\nｶﾞ\tガ\ne\u0301\té\nE\u0304\tĒ\nI\u0308\tÏ\n\u200b\t \n"


def token(content, **flags):
    base = {"content": content, "lstrip": False, "rstrip": False, "single_word": False, "normalized": False, "special": False}
    return {**base, **flags}


def bert_json(lowercase, **model):
    special = [token(VOCAB[i], id=i, special=True) for i in (0, 2, 3, 4, 5)]
    words = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": special,
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": lowercase},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 4], "cls": ["[CLS]", 3]},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {**words, **model, "vocab": {word: i for i, word in enumerate(VOCAB)}},
    }  # fmt: skip


def bert(config=None, json_file=None, vocab=VOCAB, model_type="bert", **files):
    out = {"config.json": {"model_type": model_type, **SIZES}, **{f"{name}.json": content for name, content in files.items()}}
    if config is not None:
        out["tokenizer_config.json"] = config
    if json_file:
        out["tokenizer.json"] = json_file
    if vocab:
        out["vocab.txt"] = "".join(f"{word}\n" for word in vocab) if isinstance(vocab, list) else vocab
    return out


def bert_cases():
    cases = {}
    for name in [None, "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizerFast", "PreTrainedTokenizerFast", "NoSuchTokenizer"]:
        for lower in [None, True, False]:
            config = {**({"tokenizer_class": name} if name else {}), **({} if lower is None else {"do_lower_case": lower})}
            cases[f"class {name}, lower {lower}, both files"] = bert(config, bert_json(not lower))
            if name not in ("PreTrainedTokenizerFast", "NoSuchTokenizer"):  # which need tokenizer.json
                cases[f"class {name}, lower {lower}, vocab.txt"] = bert(config)
    for accents in [None, True, False]:
        for chinese in [True, False]:
            config = {"tokenizer_class": "BertTokenizer", "strip_accents": accents, "tokenize_chinese_chars": chinese, "do_lower_case": False}
            cases[f"accents {accents}, chinese {chinese}"] = bert(config, bert_json(True))
    two = {"added_tokens_decoder": {"900": token("<e1>", normalized=True), "901": token("[PAR]", lstrip=True)}}
    single = {"added_tokens_decoder": {"900": token("<e1>", single_word=True), "901": token("[PAR]", rstrip=True)}}
    file = {"tokenizer_class": "PreTrainedTokenizerFast"}
    mask = {"content": "[MASK]", "lstrip": True, "rstrip": False, "single_word": False, "normalized": False}
    par, old, new = {"[PAR]": len(VOCAB)}, {"additional_special_tokens": ["[PAR]"]}, {"extra_special_tokens": ["[PAR]"]}
    other, other_new, named = {"additional_special_tokens": ["<e1>"]}, {"extra_special_tokens": ["<e1>"]}, {"extra_special_tokens": {"par_token": "[PAR]"}}
    mpnet = [{"[PAD]": "<pad>", "[CLS]": "<s>", "[SEP]": "</s>", "[MASK]": "<mask>"}.get(word, word) for word in VOCAB]
    cases |= {
        "nothing but tokenizer.json": bert(None, bert_json(False)),
        "nothing but vocab.txt": bert(),
        "added_tokens.json": bert({}, added_tokens={"[PAR]": len(VOCAB)}),
        "added_tokens.json, two": bert({}, added_tokens={"[PAR]": len(VOCAB) + 1, "<e1>": len(VOCAB)}),
        "added_tokens.json, words": bert({}, added_tokens={"mill": 1, "[unused0]": 2}),
        "added_tokens.json beside tokenizer.json": bert({}, bert_json(True), added_tokens={"[PAR]": len(VOCAB)}),
        "added_tokens_decoder": bert({"added_tokens_decoder": {"1": token("[unused0]", special=True)}}, bert_json(True)),
        "added_tokens_decoder, normalized and lstrip": bert(two, bert_json(True)),
        "added_tokens_decoder, single_word and rstrip": bert(single, bert_json(True)),
        "added_tokens_decoder, tokenizer.json as it is": bert({**file, **single}, bert_json(True)),
        "additional_special_tokens": bert({"additional_special_tokens": ["<e1>", "[PAR]"]}, bert_json(True)),
        "additional_special_tokens, tokenizer.json as it is": bert({**file, "additional_special_tokens": ["<e1>"]}, bert_json(True)),
        "special_tokens_map.json": bert(None, special_tokens_map={"additional_special_tokens": ["<e1>"], "mask_token": mask}),
        "added_tokens.json, special by the old name": bert({}, bert_json(True), added_tokens=par, special_tokens_map=old),
        "added_tokens.json, special by the old name, vocab.txt": bert({}, added_tokens=par, special_tokens_map=old),
        "added_tokens.json, special by the old name, as it is": bert(file, bert_json(True), added_tokens=par, special_tokens_map=old),
        "added_tokens.json, special by the new name": bert({}, bert_json(True), added_tokens=par, special_tokens_map=new),
        "added_tokens.json, special by a role": bert({}, bert_json(True), added_tokens=par, special_tokens_map={"mask_token": "[PAR]"}),
        "added_tokens.json, special in tokenizer_config.json": bert(old, bert_json(True), added_tokens=par),
        "added_tokens.json, two lists of special tokens": bert(old, bert_json(True), added_tokens=par, special_tokens_map=other),
        "added_tokens.json, lists of two names": bert({**old, **other_new}, bert_json(True), added_tokens=par),
        "added_tokens.json, names of special tokens": bert(named, bert_json(True), added_tokens=par),
        "lists of special tokens in both files": bert(new, bert_json(True), special_tokens_map=other_new),
        "max_len": bert({"max_len": 512}, bert_json(True)),
        "max_len and model_max_length": bert({"max_len": 512, "model_max_length": 128}, bert_json(True)),
        "model_max_length null": bert({"max_len": 512, "model_max_length": None}, bert_json(True)),
        "model_input_names": bert({"model_input_names": ["input_ids", "attention_mask"]}, bert_json(True)),
        "split_special_tokens": bert({"split_special_tokens": True}, bert_json(True)),
        "max_input_chars_per_word of a class": bert({}, bert_json(True, max_input_chars_per_word=5)),
        "max_input_chars_per_word as it is": bert(file, bert_json(True, max_input_chars_per_word=5)),
        "vocab.txt with odd lines": bert({}, vocab=[*VOCAB, "hello", "", "  spaced ", "mill"]),
        "vocab.txt with CRLF": bert({}, vocab="\r\n".join(VOCAB) + "\r\n"),
        "vocab.txt without a last line's end": bert({}, vocab="\n".join(VOCAB)),
        "MPNet": bert({"tokenizer_class": "MPNetTokenizer"}, vocab=mpnet, model_type="mpnet"),
        "MPNet, mask named": bert({"tokenizer_class": "MPNetTokenizer", "mask_token": "<mask>"}, vocab=mpnet, model_type="mpnet"),
    }
    return cases


def pipeline_cases(pipeline):
    def case(kind, model_type, **config):
        return {"config.json": {"model_type": model_type, **SIZES}, "tokenizer_config.json": config, "tokenizer.json": f"@{kind}"}

    brackets = {"cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]", "pad_token": "[PAD]"}
    cases = {
        "roberta": case("roberta", "roberta"),
        "roberta, add_prefix_space": case("roberta", "roberta", tokenizer_class="RobertaTokenizer", add_prefix_space=True),
        "roberta, trim_offsets": case("roberta-space", "roberta", tokenizer_class="RobertaTokenizerFast", trim_offsets=False),
        "deberta": case("roberta", "deberta", tokenizer_class="DebertaTokenizer", unk_token="<unk>"),
        "modernbert": case("modern", "modernbert", tokenizer_class="PreTrainedTokenizerFast"),
        "modernbert, another class": case("gemma", "modernbert", tokenizer_class="GemmaTokenizer"),
        "deberta-v2": case("deberta", "deberta-v2", tokenizer_class="DebertaV2TokenizerFast"),
        "albert": case("albert", "albert", tokenizer_class="AlbertTokenizerFast", unk_token="[UNK]", pad_token="[PAD]"),
        "xlm-roberta": case("xlm", "xlm-roberta", bos_token="[CLS]", eos_token="[SEP]", **brackets),
    }
    roberta = json.loads(gzip.decompress((pipeline / "roberta.json.gz").read_bytes()))["model"]
    merges = "\n".join(merge if isinstance(merge, str) else " ".join(merge) for merge in roberta["merges"])
    old = {"config.json": {"model_type": "roberta"}, "vocab.json": roberta["vocab"], "merges.txt": f"#version: 0.2\n{merges}\n"}
    return {**cases, "vocab.json and merges.txt": old}


def train(corpus, rules, **options):
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):  # a model keeps the names of the files it was made of
        Path("corpus.txt").write_text(corpus)
        Path("rules.tsv").write_text("".join(f"{' '.join(f'{ord(c):X}' for c in a)}\t{' '.join(f'{ord(c):X}' for c in b)}\n" for a, b in rules))
        sentencepiece.SentencePieceTrainer.train(
            input="corpus.txt", model_prefix="m", vocab_size=1500, model_type="unigram", character_coverage=0.98,
            normalization_rule_tsv="rules.tsv", minloglevel=2, hard_vocab_limit=False, **options,
        )  # fmt: skip
        return Path("m.model").read_bytes()


def sentencepiece_cases(corpus, output):
    rules = [line.split("\t") for line in RULES.strip("\n").split("\n") if line.split("\t")[0]]
    fairseq = {"unk_id": 0, "bos_id": 1, "eos_id": 2, "pad_id": -1}
    pieces = {"pad_piece": "[PAD]", "unk_piece": "[UNK]", "bos_piece": "[CLS]", "eos_piece": "[SEP]"}
    models = {
        "fairseq": train(corpus, rules, **fairseq),
        "deberta": train(corpus, rules, pad_id=0, bos_id=1, eos_id=2, unk_id=3, control_symbols=["[X]"], user_defined_symbols=["[PAR]"], **pieces),  # noqa: E501
        "albert": train(corpus, rules, pad_id=0, unk_id=1, bos_id=-1, eos_id=-1, pad_piece="<pad>", control_symbols=["[CLS]", "[SEP]", "[MASK]"]),  # noqa: E501
        "rembert": train(corpus, rules, pad_id=0, eos_id=1, unk_id=2, bos_id=-1, pad_piece="<pad>", control_symbols=["[CLS]", "[SEP]", "[MASK]"]),  # noqa: E501
    }
    for name, model in models.items():
        (output / f"{name}.model.gz").write_bytes(gzip.compress(model, 9, mtime=0))

    def case(file, model, model_type, config=None, **files):
        out = {file: f"@{model}", "config.json": {"model_type": model_type, **SIZES}}
        return {**out, **({} if config is None else {"tokenizer_config.json": config}), **{f"{k}.json": v for k, v in files.items()}}

    xlm, spm, spiece = "sentencepiece.bpe.model", "spm.model", "spiece.model"
    return {
        "xlm-roberta, SentencePiece": case(xlm, "fairseq", "xlm-roberta", {}),
        "xlm-roberta, nothing else": case(xlm, "fairseq", "xlm-roberta"),
        "xlm-roberta, class": case(xlm, "fairseq", "xlm-roberta", {"tokenizer_class": "XLMRobertaTokenizer", "model_max_length": 512}),
        "xlm-roberta, mask": case(xlm, "fairseq", "xlm-roberta", {"mask_token": {**token("<mask>", lstrip=True, normalized=True), "__type": "AddedToken"}}),  # noqa: E501
        "camembert, SentencePiece": case(xlm, "fairseq", "camembert", {}),
        "camembert, class": case(xlm, "fairseq", "camembert", {"tokenizer_class": "CamembertTokenizerFast", "add_prefix_space": True}),
        "deberta-v2, SentencePiece": case(spm, "deberta", "deberta-v2", {"do_lower_case": False, "vocab_type": "spm"}),
        "deberta-v2, lower, by punctuation": case(spm, "deberta", "deberta-v2", {"do_lower_case": True, "split_by_punct": True}),
        "deberta-v2, added_tokens.json": case(spm, "deberta", "deberta-v2", {}, added_tokens={"[MASK]": 900}),
        "albert, SentencePiece": case(spiece, "albert", "albert", {"tokenizer_class": "AlbertTokenizer"}),
        "rembert, SentencePiece": case("sentencepiece.model", "rembert", "rembert", {"tokenizer_class": "RemBertTokenizer"}),
        "rembert, lower": case("sentencepiece.model", "rembert", "rembert", {"do_lower_case": True, "keep_accents": False}),
        "albert, accents": case(spiece, "albert", "albert", {"keep_accents": True, "do_lower_case": False}),
    }


def write(folder, files, pipeline, output):
    for name, content in files.items():
        if isinstance(content, str) and content.startswith("@"):
            source = pipeline / f"{content[1:]}.json.gz" if name == "tokenizer.json" else output / f"{content[1:]}.model.gz"
            (folder / name).write_bytes(gzip.decompress(source.read_bytes()))
        elif isinstance(content, str):
            (folder / name).write_bytes(content.encode())
        else:
            (folder / name).write_text(json.dumps(content))


def result(folder):
    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    single = tokenizer(TEXTS, return_offsets_mapping=True)
    pair = tokenizer(TEXTS, TEXTS[::-1])
    longest = tokenizer.model_max_length
    types = pair.get("token_type_ids") or [[0] * len(row) for row in pair["input_ids"]]
    return {
        "ids": single["input_ids"], "offsets": single["offset_mapping"], "pairs": pair["input_ids"], "types": types,
        "longest": longest if longest < 1e9 else None,
    }  # fmt: skip


def main(corpus, pipeline, output):
    warnings.filterwarnings("ignore")
    logging.disable(logging.ERROR)
    pipeline, output = Path(pipeline), Path(output)
    output.mkdir(exist_ok=True)
    cases = {**bert_cases(), **pipeline_cases(pipeline), **sentencepiece_cases(Path(corpus).read_text(), output)}
    out = []
    for name, files in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), files, pipeline, output)
            if name.startswith("rembert"):  # its class forgets [CLS] and [SEP] as long as there is no tokenizer.json
                AutoTokenizer.from_pretrained(folder).save_pretrained(folder)
            out.append({"name": name, "files": files, **result(Path(folder))})
    content = json.dumps({"transformers": __version__, "texts": TEXTS, "cases": out}, ensure_ascii=False)
    (output / "cases.json.gz").write_bytes(gzip.compress(content.encode(), 9, mtime=0))
    print(len(out), "cases")


if __name__ == "__main__":
    main(*sys.argv[1:])
