"""Small tokenizers of every kind that the TypeScript pipeline has: pipeline_tokenizers.py CORPUS.txt OUTPUT

Needs the package sentencepiece beside tokenizers. Each is trained on the corpus and written as OUTPUT/NAME.json.gz.
"""

import gzip
import json
import sys
import tempfile
from pathlib import Path

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

GPT4 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def write(folder, name, tokenizer):
    text = tokenizer if isinstance(tokenizer, str) else tokenizer.to_str()
    (folder / f"{name}.json.gz").write_bytes(gzip.compress(json.dumps(json.loads(text), ensure_ascii=False).encode(), 9, mtime=0))


def byte_level(corpus, size, space):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=space)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=SPECIAL[:4], initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True)])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=space)
    return tokenizer


def modern(corpus, size):
    tokenizer = byte_level(corpus, size, False)
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.add_tokens([AddedToken(" " * n, normalized=True) for n in range(2, 9)] + [AddedToken("|||EMAIL|||", single_word=True)])
    tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", "<s> $A </s> $B </s>", [("<s>", 0), ("</s>", 2)])
    return tokenizer


def gpt4(corpus, size):
    tokenizer = byte_level(corpus, size, False)
    split = pre_tokenizers.Split(Regex(GPT4), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    return tokenizer


def gemma(corpus, size):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split("▁", "merged_with_next")
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=SPECIAL + bytes_, limit_alphabet=120, show_progress=False)
    tokenizer.train_from_iterator(corpus, trainer)
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    return tokenizer


def unknowns(corpus, size):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", continuing_subword_prefix="##", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation(), pre_tokenizers.Digits(True)])
    trainer = trainers.BpeTrainer(vocab_size=size, special_tokens=SPECIAL, limit_alphabet=90, continuing_subword_prefix="##", end_of_word_suffix="</w>", show_progress=False)  # noqa: E501
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


def piece_model(corpus, size, rule):
    with tempfile.TemporaryDirectory() as folder:
        text = Path(folder) / "corpus.txt"
        text.write_text("\n".join(corpus))
        sentencepiece.SentencePieceTrainer.train(
            input=str(text), model_prefix=f"{folder}/m", vocab_size=size, model_type="unigram", character_coverage=0.98,
            normalization_rule_name=rule, minloglevel=2, hard_vocab_limit=False, user_defined_symbols=["[PAR]"],
            pad_id=0, unk_id=1, bos_id=2, eos_id=3, pad_piece="[PAD]", unk_piece="[UNK]", bos_piece="[CLS]", eos_piece="[SEP]",
        )  # fmt: skip
        return (Path(folder) / "m.model").read_bytes()


def pieces(model):
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    return [(processor.id_to_piece(i), processor.get_score(i)) for i in range(processor.get_piece_size())]


def charsmap(model):
    from sentencepiece import sentencepiece_model_pb2

    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model)
    return proto.normalizer_spec.precompiled_charsmap


def unigram(model, normalizer, pre_tokenizer, byte_fallback=False):
    vocab = pieces(model) + ([(f"<0x{byte:02X}>", -20.0) for byte in range(256)] if byte_fallback else [])
    tokenizer = Tokenizer(models.Unigram(vocab, unk_id=1, byte_fallback=byte_fallback))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.add_special_tokens(["[PAD]", "[CLS]", "[SEP]", AddedToken("[MASK]", lstrip=True, special=True)])
    tokenizer.add_tokens([AddedToken("Été", normalized=True), AddedToken("ﬁn", normalized=False, rstrip=True)])
    return tokenizer


def main(corpus_file, output):
    corpus = Path(corpus_file).read_text().split("\n")
    folder = Path(output)
    folder.mkdir(exist_ok=True)
    write(folder, "roberta", byte_level(corpus, 1200, False))
    write(folder, "roberta-space", byte_level(corpus, 900, True))
    write(folder, "modern", modern(corpus, 1000))
    write(folder, "gpt4", gpt4(corpus, 900))
    write(folder, "gemma", gemma(corpus, 1000))
    write(folder, "unknowns", unknowns(corpus, 600))
    model = piece_model(corpus, 1500, "nmt_nfkc")
    nmt = normalizers.Precompiled(charsmap(model))
    space = pre_tokenizers.Metaspace()
    write(folder, "xlm", unigram(model, nmt, pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), space])))
    strip = [normalizers.Strip(), normalizers.Replace(Regex(" {2,}"), "▁")]
    write(folder, "converted", unigram(model, normalizers.Sequence([nmt] + strip), space, True))
    plain = piece_model(corpus, 1200, "identity")
    deberta = [normalizers.Replace(Regex(r"\s{2,}|[\n\r\t]"), " "), normalizers.NFC(), normalizers.Strip(False, True)]
    first = pre_tokenizers.Metaspace(prepend_scheme="first")
    write(folder, "deberta", unigram(plain, normalizers.Sequence(deberta), pre_tokenizers.Sequence([pre_tokenizers.Punctuation(), first])))
    albert = [normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]  # noqa: E501
    whole = pre_tokenizers.Metaspace(split=False)
    write(folder, "albert", unigram(plain, normalizers.Sequence(albert), whole))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
