"""What Python's transformers makes of hard texts: the expected values of test/tokens.

    pip install transformers==5.23.0 tokenizers==0.23.3
    python test/reference/tokens.py MODEL_DIR XQUAD_EN_JSON > test/reference/tokens.json

MODEL_DIR holds the 30522 word vocabulary of bert-base-uncased (tokenizer.json, tokenizer_config.json). All positions
are printed as UTF-16 positions, as JavaScript counts. Rows too many to commit are printed as the SHA-256 of one JSON
line a row: [sample, overflow, ids, type ids, attention mask, special mask, offsets, words, sequences, start, end].
"""

import hashlib
import json
import sys

import tokenizers
import transformers
from transformers import AutoTokenizer

NO = -1  # stands for None


def nasty_strings():
    """At least 200 texts that tokenizers get wrong."""
    plain = ["", " ", "   ", "\t", "\n", "\r\n", "a", "A", ".", "...", "Hello, world!", "don't", "U.S.A.", "e-mail", "$1,000.00"]
    spaces = [f"one{c}two" for c in "\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000"]
    spaces += ["tab\tand\nnew\r\nline", "  leading", "trailing  ", "a  b   c", "\n\n\n", "a\n\n\nb", "\ta\t"]
    accents = ["café", "cafe\u0301", "naïve façade", "ÀÉÎÕÜ", "Å\u0301", "a\u0300\u0301\u0302", "\u0301a", "\u0301", "é\u0301é", "ñandú"]
    accents += ["Zürich", "İstanbul", "ıI", "ß", "ẞ", "STRASSE Straße", "ŉ", "ǆ ǅ Ǆ", "ǰ", "ΐ", "ΑΣ ΑΣΑ", "Ὀδυσσεύς", "ệ", "Việt Nam", "Å Å Å"]
    accents += ["q\u0307\u0323", "q\u0323\u0307", "\u0344", "\u0344\u0316", "a\u0315\u0300\u05ae\u0062", "\u1e9b\u0323", "क़", "\u0958", "ড়", "가각힣", "한국어 말"]
    cjk = ["你好", "你好world世界", "東京は日本の首都です。", "漢字と仮名交じり文", "ひらがな", "カタカナ", "ｶﾀｶﾅ", "ガ", "ｶﾞ", "한글", "中 国", "㐀㒨", "豈更車", "\U00020000\U0002a6d6", "\U0002f800", "〇々〆", "，。！？", "ＡＢＣ１２３", "𠮷野家", "ab中cd"]
    emoji = ["😀", "😀😀", "a😀b", "hello 😀 world", "👩‍👩‍👧‍👦", "👍🏽", "🇫🇷🇩🇪", "❤️", "❤", "☺︎", "1️⃣", "🏴‍☠️", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "x👨🏿‍🚀y", "🙂, ok", "(😀)", "𝒜𝓁𝒻𝒶", "𝟘𝟙𝟚", "𐐀𐐨", "𞤀𞤢"]
    control = [f"a{c}b" for c in "\x00\x01\x07\x08\x0e\x1b\x7f\x80\x9f\xad"] + ["\x00", "\x00\x01", "a\x00", "\x00a", "\ufffd", "a\ufffdb", "\ufffe", "a\uffffb", "\U0010ffff", "\ue000", "a\uf8ffb", "\U000f0000"]
    zero = [f"zero{c}width" for c in "\u200b\u200c\u200d\u2060\ufeff\u180e\u034f\u061c\u115f\u1160\u3164\uffa0\u2061"] + ["\ufeffstart", "end\u200b", "\u200b", "\u200bword"]
    rtl = ["שלום עולם", "שָׁלוֹם", "مرحبا بالعالم", "مُحَمَّد", "\u202eabc\u202c", "a\u200fb\u200e", "العربية ١٢٣", "ﷺ", "ﻻ", "אבג abc דהו", "\u2067x\u2069", "ـــ"]
    ligature = ["ﬁne ﬂow", "ﬀ ﬃ ﬄ", "ﬅ ﬆ", "Ĳssel ĳs", "æther Œuvre", "½ ¼ ⅓", "x² H₂O", "①②③", "㎏ ㎞", "™ ℠ ©", "Ⅷ", "ﬁ", "…", "‼⁇"]
    long = ["a" * 99, "a" * 100, "a" * 101, "a" * 200, "é" * 100, "é" * 101, "e\u0301" * 100, "e\u0301" * 101, "中" * 101, "x" * 101 + " ok", "ok " + "y" * 150 + ".", "😀" * 101, "supercalifragilisticexpialidocious" * 3, "antidisestablishmentarianism", "." * 150, "1234567890" * 12]
    punct = list("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") + ["«quote»", "“smart” ‘quotes’", "—–‐‑", "¿Qué? ¡Sí!", "a§b¶c", "†‡•", "€100 £5 ¥9", "×÷±", "`code`", "^_^", "~~~", "a/b\\c", "[x]{y}(z)", "٪؟،", "।॥", "၊။", "፠፡", "᠀᠁", "‿⁀", "⸮", "𐄀𐏟", "𝪇", "￼", "＿"]
    special = ["[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]", "a [SEP] b", "a[SEP]b", "[sep]", "[CLS][CLS]", "[ MASK ]", "[MASK", "x[UNK]é", "[unused0]", "##ing", "## ing", "un##able", "[SEP] [SEP]", " [MASK] "]
    mixed = ["The CO₂ level—measured in ppm—rose 2.5% (≈410→420)!", "e=mc² & π≈3.14159", "http://example.com/a?b=c&d=%20#e", "user@example.org", "C++/C#/F#", "1,234,567.89", "3×10⁸ m/s", "T̶e̶x̶t̶", "Z̸͝a͠l̵g̵o̷", "ｆｕｌｌｗｉｄｔｈ", "ℋℰℒ", "ᏣᎳᎩ ꮳꮃꭹ", "ႠႡ ⴀⴁ Ა", "Ꙁꙁ", "Ა", "Ɤ ꟋꟌ", "𑢠𑣀", "𖹀", "\u1df5\u1dfa", "\u0897", "ᜌ᜔", "\u302a\u302b\u302e\u302fa", "\U0001d165\U0001d16da", "\u16ff0 x", "\U00016ff0\U00016ff1a"]
    return plain + spaces + accents + cjk + emoji + control + zero + rtl + ligature + long + punct + special + mixed


ALPS = "The Alps rise between eight countries. Mont Blanc, at 4809 metres, is the highest peak; the Matterhorn 🏔 is the best known. " \
       "Hannibal crossed them in 218 BC with elephants, and the last glaciers may vanish by 2100 😢 in Zürich"
RECORDS = [  # question, context, answer (None: impossible), which occurrence is meant is the first
    ("What rises?", ALPS, "The Alps"),
    ("Which first word?", ALPS, "The"),
    ("Where?", ALPS, "Zürich"),
    ("Where do they vanish?", ALPS, "in Zürich"),
    ("Which is best known?", ALPS, "Matterhorn 🏔"),
    ("After the mountain?", ALPS, "is the best known"),
    ("How sad?", ALPS, "😢"),
    ("How high?", ALPS, "4809 metres"),
    ("Who crossed?", ALPS, "Hannibal crossed them in 218 BC with elephants, and the last glaciers"),
    ("All of it?", ALPS, ALPS),
    ("Part of a word?", ALPS, "lacier"),
    ("Who asked?", ALPS, None),
    ("  What  has space? ", ALPS, "peak"),
    ("", ALPS, "218 BC"),
    ("One word?", "Yes", "Yes"),
    ("Nothing?", "", None),
    ("Only spaces?", "   ", None),
    ("中国?", "首都は東京です。😀京都", "京都"),
]


def utf16(text):
    """UTF-16 position of every code point position."""
    starts, at = [], 0
    for c in text:
        starts.append(at)
        at += 2 if ord(c) > 0xFFFF else 1
    return starts + [at]


def ints(values):
    return [NO if v is None else int(v) for v in values]


def row(enc, i, sample, overflow, texts, labels=(0, 0)):
    e = enc[i]
    maps = [utf16(t) for t in texts]
    offsets = []
    for (start, end), sequence in zip(e.offsets, e.sequence_ids):
        offsets += [0, 0] if sequence is None else [maps[sequence][start], maps[sequence][end]]
    return [sample, overflow, e.ids, e.type_ids, e.attention_mask, e.special_tokens_mask, offsets, ints(e.word_ids), ints(e.sequence_ids), *labels]


def line(value):
    return json.dumps(value, separators=(",", ":"))


def digest(rows):
    return {"rows": len(rows), "tokens": sum(len(r[2]) for r in rows), "sha256": hashlib.sha256("\n".join(map(line, rows)).encode()).hexdigest()}


def run_qa_label(e, context, answer, literal):
    """prepare_train_features of run_qa.py; `literal` False keeps the start inside the context."""
    if answer is None:
        return 0, 0
    start_char, end_char = answer
    offsets, sequences = e.offsets, e.sequence_ids
    tokens = [i for i, s in enumerate(sequences) if s == context]
    if not tokens:
        return 0, 0
    start, end = tokens[0], tokens[-1]
    stop = len(offsets) if literal else end + 1
    if not (offsets[start][0] <= start_char and offsets[end][1] >= end_char):
        return 0, 0
    while start < stop and offsets[start][0] <= start_char:
        start += 1
    while end >= tokens[0] and offsets[end][1] >= end_char:
        end -= 1
    return start - 1, end + 1


def windows(tok, records, order, max_length, overlap):
    """records: (question, context, (start, end) in code points or None)"""
    questions, contexts = [r[0].lstrip() for r in records], [r[1] for r in records]
    pad_right = order == "question-first"
    pair = (questions, contexts) if pad_right else (contexts, questions)
    enc = tok(*pair, truncation="only_second" if pad_right else "only_first", max_length=max_length, stride=overlap,
              return_overflowing_tokens=True, return_offsets_mapping=True)
    rows, slid = [], 0
    context, seen = (1 if pad_right else 0), {}
    for i, sample in enumerate(enc["overflow_to_sample_mapping"]):
        seen[sample] = seen.get(sample, -1) + 1
        label = run_qa_label(enc.encodings[i], context, records[sample][2], literal=False)
        slid += label != run_qa_label(enc.encodings[i], context, records[sample][2], literal=True)
        question, text = records[sample][0], records[sample][1]
        r = row(enc.encodings, i, sample, seen[sample], (pair[0][sample], pair[1][sample]), label)
        space = utf16(question)[len(question) - len(question.lstrip())]
        r[6] = [o + space if r[8][k // 2] == 1 - context else o for k, o in enumerate(r[6])]
        rows.append(r)
    return rows, slid


def encode_rows(tok, first, second, **options):
    args = (first,) if second is None else (first, second)
    enc = tok(*args, return_offsets_mapping=True, **options)
    samples = enc.get("overflow_to_sample_mapping", list(range(len(first))))
    rows, seen = [], {}
    for i, sample in enumerate(samples):
        seen[sample] = seen.get(sample, -1) + 1
        rows.append(row(enc.encodings, i, sample, seen[sample], [a[sample] for a in args]))
    return rows


def add_token_positions(enc, answers, model_max_length):
    """The lesson's function."""
    starts, ends = [], []
    for i, (start, end) in enumerate(answers):
        s = enc.char_to_token(i, start)
        starts.append(model_max_length if s is None else s)
        e, back = enc.char_to_token(i, end), 1
        while e is None:
            e, back = enc.char_to_token(i, end - back), back + 1
        ends.append(e)
    return starts, ends


def xquad_records(path):
    records = []
    for article in json.load(open(path))["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                start = qa["answers"][0]["answer_start"]
                records.append((qa["question"], paragraph["context"], (start, start + len(qa["answers"][0]["text"]))))
    return records


def main(model_dir, xquad_path):
    tok = AutoTokenizer.from_pretrained(model_dir)
    strings = nasty_strings()
    assert len(strings) >= 200
    out = {"versions": {"transformers": transformers.__version__, "tokenizers": tokenizers.__version__}}

    out["strings"] = []
    for text, r in zip(strings, encode_rows(tok, strings, None)):
        enc = tok(text)
        chars = ints([enc.char_to_token(k) for k in range(len(text))])
        both = [tok.decode(r[2]), tok.decode(r[2], skip_special_tokens=True)]
        out["strings"].append([text, r[2], r[6], r[7], chars, *both])

    long = [ALPS * 3] * len(strings)
    others = strings[7:] + strings[:7]
    out["options"] = []
    for options in [
        dict(padding=True),
        dict(truncation=True, max_length=9),
        dict(truncation=True, max_length=12, stride=2, return_overflowing_tokens=True),
        dict(truncation="longest_first", max_length=15, stride=5, return_overflowing_tokens=True, padding="max_length"),
        dict(truncation="only_first", max_length=200, stride=20, return_overflowing_tokens=True),
        dict(truncation="only_second", max_length=200, stride=20, return_overflowing_tokens=True),
        dict(add_special_tokens=False, truncation=True, max_length=8),
    ]:
        pairs = {"only_first": (long, strings), "only_second": (strings, long)}.get(options.get("truncation"), (strings, others))
        out["options"].append([options, digest(encode_rows(tok, *pairs, **options))])
    options = dict(truncation=True, max_length=10, stride=3, return_overflowing_tokens=True, padding="max_length")
    out["singleOptions"] = [options, digest(encode_rows(tok, strings, None, **options))]

    out["records"] = RECORDS
    records = [(q, c, None if a is None else (c.index(a), c.index(a) + len(a))) for q, c, a in RECORDS]
    out["windows"] = []
    for order in ["question-first", "context-first"]:
        rows, _ = windows(tok, records, order, 32, 12)
        out["windows"].append([order, 32, 12, rows])

    xquad = xquad_records(xquad_path)
    out["xquad"] = []
    for order in ["question-first", "context-first"]:
        for max_length, overlap in [(512, 128), (512, 64), (384, 128), (384, 64), (128, 64)]:
            rows, slid = windows(tok, xquad, order, max_length, overlap)
            out["xquad"].append({"order": order, "maxLength": max_length, "overlap": overlap, **digest(rows), "slidInRunQa": slid})
    enc = tok([r[1] for r in xquad], [r[0] for r in xquad], truncation=True, padding=True)
    starts, ends = add_token_positions(enc, [r[2] for r in xquad], tok.model_max_length)
    ids = [[i, 0, e.ids, starts[i], ends[i]] for i, e in enumerate(enc.encodings)]
    out["lesson"] = digest(ids)

    print("{")
    for i, (key, value) in enumerate(out.items()):
        many = isinstance(value, list) and key != "singleOptions"
        body = "[\n" + ",\n".join(map(line, value)) + "\n]" if many else line(value)
        print(f'"{key}":{body}' + ("," if i < len(out) - 1 else ""))
    print("}")


if __name__ == "__main__":
    main(*sys.argv[1:])
