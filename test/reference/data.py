"""Counts questions and answers of data files in every form, by a reading of its own: no code and no rule is shared with src/squad.

    python3 test/reference/data.py FILE...        prints a line of JSON for each file

Only the standard library. `exact`: the answer stands where the file says (or, where it says nothing, somewhere). `moved`: it stands
one or two characters to the left, or in one other place, or in one place in another spelling. `missing`: nowhere, or in several
places of which none is the right one, or only within other words. An answer without its right place stands as whole words, or with
an ending or a prefix on it.
"""

import ast
import csv
import gzip
import html
import io
import json
import re
import sys
import unicodedata
import zipfile

csv.field_size_limit(1 << 30)
SINGLE = set("'’‘‚‛`´ʼʹ′＇")
DOUBLE = set('"“”„‟«»‹›″〝〞〟＂「」『』')
DASH = set("-‐‑‒–—―−⁃﹘﹣－")
HIDDEN = {0xAD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070), *range(0xFE00, 0xFE10)}
UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1780-\u17ff\u1000-\u109f]")


def is_space(c):
    return (c.isspace() or c == "\u180e") and ord(c) not in HIDDEN


def pieces(text):
    """(piece, start, end) of entities, line ends, single signs, and letters with their marks."""
    at = 0
    while at < len(text):
        entity = re.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[a-zA-Z][a-zA-Z\d]{1,31});").match(text, at)
        if entity:
            yield entity[0], at, entity.end()
            at = entity.end()
        elif text.startswith("\r\n", at):
            yield "\r\n", at, at + 2
            at += 2
        elif is_space(text[at]) or ord(text[at]) in HIDDEN:
            yield text[at], at, at + 1
            at += 1
        else:
            end = at + 1
            if "\u1100" <= text[at] <= "\u115f":
                while end < len(text) and "\u1100" <= text[end] <= "\u11ff":
                    end += 1
            else:
                while end < len(text) and unicodedata.category(text[end])[0] == "M" and ord(text[end]) not in HIDDEN:
                    end += 1
            yield text[at:end], at, end
            at = end


def signs(piece):
    def level(text):
        return "".join('"' if c in SINGLE or c in DOUBLE else "-" if c in DASH else c for c in text)

    text = level(unicodedata.normalize("NFKC", level(piece)))
    return text.upper().lower().replace("i\u0307", "i")


def leveled(piece):
    if len(piece) > 2 and piece[0] == "&" and html.unescape(piece) != piece:
        return "".join(leveled(inner) for inner, _, _ in pieces(html.unescape(piece)))
    if len(piece) == 1 and ord(piece) in HIDDEN:
        return ""
    if all(is_space(c) for c in piece):
        return " "
    return signs(piece)


def fold(text):
    out = []
    for piece, start, end in pieces(text):
        first = True
        for c in leveled(piece):
            if first and False:
                continue
            if out and c == out[-1][0] and c in ' -"':
                out[-1] = (c, out[-1][1], end)
            else:
                out.append((c, start, end))
    return out


JOIN = set("\u00ad\u200d\u2060\ufeff")


def script(c):
    """The few scripts that matter to where words end, by their blocks."""
    code = ord(c)
    if UNSPACED.match(c) or code >= 0x20000 and unicodedata.category(c) == "Lo":
        return "unspaced"
    if 0xAC00 <= code <= 0xD7FF or 0x1100 <= code <= 0x11FF or 0x3130 <= code <= 0x318F:
        return "hangul"
    if 0x590 <= code <= 0x8FF or 0xFB1D <= code <= 0xFDFF or 0xFE70 <= code <= 0xFEFC:
        return "prefixed"
    return ""


def wordy(c):
    return unicodedata.category(c)[0] in "LNM"


def follows_on(c):
    return unicodedata.category(c)[0] == "M" or 0x1160 <= ord(c) <= 0x11FF or c in "\u0e33\u0eb3\uff9e\uff9f"


def is_letter_of_flag(c):
    return 0x1F1E6 <= ord(c) <= 0x1F1FF


def glued(text, at):
    """Whether the sign at a place belongs to the one before it: a mark, a colour of skin, a second letter of a flag, a further person."""
    if not 0 < at < len(text):
        return False
    one, other = text[at - 1], text[at]
    if unicodedata.category(other)[0] == "M" or other in "\u200c\u200d" or 0x1F3FB <= ord(other) <= 0x1F3FF or 0xE0020 <= ord(other) <= 0xE007F:
        return unicodedata.category(one) not in ("Cc", "Zl", "Zp") and (unicodedata.category(one) != "Cf" or one in "\u200c\u200d" or 0xE0020 <= ord(one) <= 0xE007F)
    if is_letter_of_flag(one) and is_letter_of_flag(other):
        first = at
        while first > 0 and is_letter_of_flag(text[first - 1]):
            first -= 1
        return (at - first) % 2 == 1
    if one != "\u200d" or not is_picture(other):
        return False
    i = at - 2
    while i >= 0 and (unicodedata.category(text[i])[0] == "M" or 0x1F3FB <= ord(text[i]) <= 0x1F3FF):
        i -= 1
    return i >= 0 and is_picture(text[i])


def is_picture(c):
    return unicodedata.category(c) == "So" and not is_letter_of_flag(c) or c in "\u203c\u2049\u2194\u2195" or 0x1FA70 <= ord(c) <= 0x1FAFF


def splits_picture(text, at):
    """Whether a flag, a family or the like is cut, so that something is to be seen on both sides."""
    a, b = at, at
    while a > 0 and text[a - 1] in JOIN:
        a -= 1
    while b < len(text) and text[b] in JOIN:
        b += 1
    if 0 < a and b < len(text) and wordy(text[a - 1]) and wordy(text[b]):
        return False
    if not glued(text, at):
        return False
    first, end = at, at + 1
    while glued(text, first):
        first -= 1
    while glued(text, end):
        end += 1
    seen = lambda part: any(not c.isspace() and ord(c) not in HIDDEN for c in part)
    return seen(text[first:at]) and seen(text[at:end])


def run(text, at, step):
    """The letters of the word from a place on, or up to it, nearest first; a change of script ends it, as the end of the word does."""
    i, found = (at if step > 0 else at - 1), ""
    while 0 <= i < len(text) and (wordy(text[i]) or text[i] in JOIN):
        if text[i] not in JOIN:
            if found:
                kinds = {script(found[-1]), script(text[i])}
                later = text[i] if step > 0 else found[-1]
                if not follows_on(later) and ("unspaced" in kinds or ("hangul" in kinds and len(kinds) > 1)):
                    break
            found += text[i]
        i += step
    return found


def around(text, at):
    """The word before a place and the one that begins there."""
    a, b = at, at
    while a > 0 and at - a < 40 and wordy(text[a - 1]):
        a -= 1
    while b < len(text) and b - at < 40 and wordy(text[b]):
        b += 1
    return text[a:at], text[at:b]


def splits_contraction(text, at):
    """Whether one word is cut beside its apostrophe."""
    i = at
    while i < len(text) and text[i] in JOIN:
        i += 1
    first = i < len(text) and text[i] in "'\u2019"
    if not first:
        i = at - 1
        while i >= 0 and text[i] in JOIN:
            i -= 1
        if i < 0 or text[i] not in "'\u2019":
            return False
    head, rest = around(text, i)[0], around(text, i + 1)[1]
    if not head or not rest:
        return False
    if rest.lower() in ("t", "m", "d", "re", "ve", "ll"):
        return True
    if first:
        return len(head) == 1 and rest.lower() != "s"
    return rest.lower() == "s" or head.lower() == "o"


def standing(context, start, end):
    """0 for whole words, 1 where something hangs on them, 2 where it is only within other words."""
    size = sum(1 for c in context[start:end] if unicodedata.category(c)[0] in "LN")
    worst = 0
    if any(splits_contraction(context, at) or splits_picture(context, at) for at in (start, end)):
        return 2
    for at, is_end in ((start, False), (end, True)):
        left, right = run(context, at, -1), run(context, at, 1)
        inner, outer = (left, right) if is_end else (right, left)
        if left and right:
            a, b = script(left[0]), script(right[0])
            if follows_on(right[0]):
                worst = 2
                continue
            if "unspaced" in (a, b) or (a == "hangul") != (b == "hangul"):
                continue
            if is_end and inner[0].isdecimal():
                ok = not outer[0].isdecimal()
            elif is_end and a == "hangul":
                ok = size >= 2
            elif is_end and a == "prefixed":
                ok = size >= 3 and len(outer) <= 3
            elif is_end:
                ok = size >= 4 and len(outer) <= 2 * (size - 3)
            else:
                ok = a == b == "prefixed" and size >= 3 and len(outer) <= 4
            worst = max(worst, 1 if ok else 2)
        elif inner and inner[0].isdecimal():
            beyond = context[at : at + 2] if is_end else context[max(0, at - 2) : at][::-1]
            if len(beyond) == 2 and beyond[0] in ".,٫٬" and beyond[1].isdecimal() and unicodedata.category(context[at - 1 if is_end else at]) == "Nd":
                worst = max(worst, 1)
    return worst


def places_of(part, text):
    at, found = text.find(part), []
    while at >= 0:
        found.append(at)
        at = text.find(part, at + 1)
    return found


def respellings(text, context):
    wanted = "".join(c for c, _, _ in fold(text.strip()))
    units = fold(context)
    joined = "".join(c for c, _, _ in units)
    found = []
    for at in places_of(wanted, joined) if wanted else []:
        end = at + len(wanted)
        cut = (at > 0 and units[at - 1][1] == units[at][1]) or (end < len(units) and units[end][1] == units[end - 1][1])
        if not cut:
            found.append((units[at][1], units[end - 1][2]))
    return found


def outcome(text, context, start):
    unclear = start is Unclear
    if unclear:
        start = None
    if start is not None:
        for shift in range(3):
            if start >= shift and context[start - shift : start - shift + len(text)] == text:
                return "moved" if shift else "exact"
    literal = [(at, at + len(text)) for at in places_of(text, context)]
    others = respellings(text, context) if not literal or all(standing(context, *s) for s in literal) else []
    if not literal and sum(start is not None and abs(s[0] - start) <= 2 for s in others) == 1:
        return "moved"
    for quality in (0, 1):
        as_it_is = [s for s in literal if standing(context, *s) == quality]
        if as_it_is:
            if start is None:
                return "missing" if unclear and len(as_it_is) > 1 else "exact"
            return "moved" if len(as_it_is) == 1 else "missing"
        spelled = [s for s in others if standing(context, *s) == quality]
        if spelled:
            same = len({context[a:b] for a, b in spelled}) == 1
            return "moved" if len(spelled) == 1 or (start is None and not unclear and same) else "missing"
    # a number that pandas wrote as one with decimals
    if not literal and not others and re.fullmatch(r"\s*-?\d+[.,]0\s*", text):
        inner = outcome(text.strip()[:-2], context, Unclear if unclear else start)
        return "moved" if inner == "exact" else inner
    return "missing"


def to_units(context):
    """Functions from positions in other units to positions in characters."""
    sizes = [
        lambda c: 2 if ord(c) > 0xFFFF else 1,
        lambda c: len(c.encode()),
        lambda c: c != "\r",
        lambda c: 2 if c == "\n" else 1,
    ]
    tables = []
    for size in sizes:
        table, count = {}, 0
        for i, c in enumerate(context):
            table[count] = i
            count += int(size(c))
        table[count] = len(context)
        tables.append(table)
    return tables


def right_unit(answers):
    """The table number of the unit in which all answers that stand in their texts are right; -1 for characters."""
    there = [(text, context, start) for text, context, start in answers if start is not None and start is not Unclear and text in context]
    if all(start >= 0 and context.startswith(text, start) for text, context, start in there):
        return -1
    for unit in range(4):
        if all(context.startswith(t, p) if (p := to_units(context)[unit].get(s)) is not None else False for t, context, s in there):
            return unit
    return -1


def count(questions):
    all_answers = [a for q in questions for a in q["answers"] or []]
    unit = right_unit(all_answers)
    total = {"questions": len(questions), "impossible": 0, "unlabelled": 0, "exact": 0, "moved": 0, "missing": 0}
    for q in questions:
        if q["answers"] is None:
            total["unlabelled"] += 1
        elif not q["answers"]:
            total["impossible"] += 1
        for text, context, start in q["answers"] or []:
            if start is not None and start is not Unclear and unit >= 0:
                start = to_units(context)[unit].get(start, -1)
            total[outcome(text, context, start)] += 1
    return total


# -- the forms ---------------------------------------------------------------------------------------------------------------------

def decode(data):
    if data[:3] == b"\xef\xbb\xbf":
        return data[3:].decode()
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252")


def read(path):
    with open(path, "rb") as source:
        data = source.read()
    if data[:2] == b"\x1f\x8b":
        return decode(gzip.decompress(data))
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return decode(archive.read(archive.namelist()[0]))
    return decode(data)


class Unclear:
    """A place that is given and cannot be read."""


def whole(text):
    """The whole numbers that a text may stand for: first that with nought behind the sign for decimals, then that with thousands apart."""
    readings = []
    for mark in ".,":
        head, _, tail = text.partition(mark)
        if re.fullmatch(r"[+-]?\d+", head) and not tail.strip("0") and int(head) not in readings:
            readings.append(int(head))
    for mark in ".,'’ \u00a0\u2009\u202f":
        other = "," if mark == "." else "."
        head, _, tail = text.partition(other) if mark in ".," else (re.split("[.,]", text)[0], "", "".join(re.split("[.,]", text)[1:]))
        groups = head.split(mark)
        if len(groups) > 1 and all(g.isdecimal() for g in groups) and len(groups[0]) <= 3 and all(len(g) == 3 for g in groups[1:]) and not tail.strip("0"):
            readings.append(int("".join(groups)))
    return readings


def number(value, text="", context=""):
    """A place; None where there is none. `text` and `context` decide between decimals and thousands."""
    if isinstance(value, str) and value.strip()[:1] == "[":
        value = ast.literal_eval(value.strip())
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None or value != value or str(value).strip().lower() in ("", "nan", "none"):
        return None
    if isinstance(value, float):
        return int(value) if value == int(value) else Unclear
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    readings = whole(str(value).strip())
    there = [r for r in readings if text and r >= 0 and context.startswith(text, r)]
    if there:
        return there[0]
    fraction = re.fullmatch(r"\d+[.,](\d+)", str(value).strip())
    if fraction and fraction[1].strip("0"):
        return Unclear
    return readings[0] if readings else Unclear


def truth(value):
    return str(value).strip().lower() in ("true", "1", "yes")


def question(context, answers, impossible=None, flagged=False):
    """`answers`: pairs of text and start, or None for a question that nobody has labelled."""
    if flagged:
        answers = []
    pairs = None if answers is None else [(t, number(s, t, context)) for t, s in answers]
    kept = None if pairs is None else [(t, context, s) for t, s in pairs if t.strip() or (t and s is not None)]
    return {"answers": kept}


def listed(value):
    """Pairs of text and start of any `answers`."""
    if value is None:
        return None
    if isinstance(value, dict):
        texts, starts = value.get("text", []), value.get("answer_start", [])
        if not isinstance(texts, list):
            return [(texts, starts)]
        return [(t, starts[i] if i < len(starts) else None) for i, t in enumerate(texts)]
    return [(a, None) if isinstance(a, str) else (a["text"] or "", a.get("answer_start", a.get("start"))) for a in value]


def nested(paragraph):
    context = paragraph.get("context", paragraph.get("context_text"))
    for qa in paragraph.get("qas") or []:
        if "detected_answers" in qa:
            answers = [(d["text"], s[0]) for d in qa["detected_answers"] for s in d["char_spans"]]
        elif "answer" in qa:
            answers = listed(qa["answer"]) or []
        else:
            answers = listed(qa.get("answers"))
        yield question(context, answers, flagged=truth(qa.get("is_impossible")))


def natural(row):
    if "document_tokens" in row:
        tokens = [(t["token"], t["html_token"]) for t in row["document_tokens"]]
    else:
        tokens = [(t, bool(re.fullmatch(r"</?\w+>", t))) for t in row["document_text"].split(" ")]
    spans = {(s["start_token"], s["end_token"]) for a in row["annotations"] for s in a["short_answers"] if s["start_token"] >= 0}
    if not row["annotations"]:
        return {"answers": None}
    # the tokens are the text: an answer is exact unless it holds no word
    answers = [("x", "x", 0) for a, b in spans if any(not tag for _, tag in tokens[a:b])]
    return {"answers": answers}


def spans(context, found):
    return question(context, [(context[a:b], a) for a, b in found])


def row_question(row):
    low = {re.sub(r"[^a-z]", "", re.sub(r"^(input|answer)\.(?!text$|answer_start$)", "", k.lower())): v for k, v in row.items() if k}
    context = low.get("context", low.get("text"))
    printed = low.get("answers")
    if isinstance(printed, str) and printed.strip():
        plain = re.sub(r"array\((\[.*?\])(?:, dtype=[^)]*)?\)", r"\1", printed, flags=re.S)
        return question(context, listed(ast.literal_eval(plain)), flagged=truth(low.get("isimpossible")))
    if "answers" in low:
        return question(context, listed(printed) if printed != "" else [], flagged=truth(low.get("isimpossible")))
    # what pandas flattens, and other names, count beside a text and its place
    others = ["answertext", "responsetext"] + (["text", "response"] if "answerstart" in low and context is not low.get("text") else [])
    for name in others:
        if "answer" not in low and name in low:
            low["answer"] = low[name]
    if "answer" not in low:
        return question(context, [] if truth(low.get("isimpossible")) else None)
    text = "" if low["answer"] is None else str(low["answer"])
    start = low.get("answerstart", low.get("answeranswerstart"))
    if text == "nan" and number(start) is None:
        text = ""
    return question(context, [(text, start)] if text else [], flagged=truth(low.get("isimpossible")))


def turk(rows):
    merged = {}
    for row in rows:
        if row["AssignmentStatus"] != "Rejected":
            merged.setdefault((row["HITId"], row["Input.question"], row["Input.context"]), []).append(row_question(row))
    said = [[q["answers"] for q in group if q["answers"] is not None] for group in merged.values()]
    return [{"answers": [a for answers in group for a in answers] if group else None} for group in said]


def table(text):
    first = re.match(r'"?sep=(.)"?\r?\n?', text)
    if first:
        text = text[first.end() :]
    head = re.split(r"[\r\n]", text, maxsplit=1)[0]
    delimiter = first[1] if first else max(",;\t", key=head.count)
    # where quotes make no sense they are letters like others
    lines = [line for line in re.split(r"\r\n|\r|\n", text) if line]
    even = delimiter == "\t" and len({line.count("\t") for line in lines}) == 1
    odd = re.search(r'(^|\t)"[^\t"]*"[^\t\r\n"]', text, re.M) or any(line.count('"') % 2 for line in lines)
    quoting = csv.QUOTE_NONE if even and odd else csv.QUOTE_MINIMAL
    rows = [r for r in csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting) if any(r.values())]
    return turk(rows) if rows and "HITId" in rows[0] else [row_question(r) for r in rows]


def record(one):
    if not isinstance(one, dict) or "header" in one:
        return []
    if "paragraphs" in one:
        return [q for p in one["paragraphs"] for q in nested(p)]
    if "qas" in one:
        return list(nested(one))
    if "annotations" in one and ("document_text" in one or "document_tokens" in one):
        return [natural(one)]
    if isinstance(one.get("data"), dict):
        results = [r["value"] for a in one["annotations"] for r in a["result"]]
        if not one["annotations"]:
            return [question(one["data"]["text"], None)]
        return [question(one["data"]["text"], list(dict.fromkeys((v["text"], v["start"]) for v in results)))]
    if one.get("answer") in ("accept", "reject", "ignore") and "spans" in one:
        return [question(one["text"], [(s["text"], s["start"]) for s in one["spans"]])] if one["answer"] == "accept" else []
    if "label" in one:
        return [spans(one["text"], [(s[0], s[1]) for s in one["label"]])]
    return [row_question(one)]


def questions_of(path):
    text = read(path)
    if text.lstrip()[:1] not in ("{", "["):
        return table(text)
    try:
        value = json.loads(text)
    except ValueError:
        return [q for line in text.splitlines() if line.strip() for q in record(json.loads(line))]
    records = value.get("data", value) if isinstance(value, dict) else value
    return [q for one in (records if isinstance(records, list) else [records]) for q in record(one)]


if __name__ == "__main__":
    for path in sys.argv[1:] or sys.stdin.read().split("\n"):
        if path:
            print(json.dumps({"file": path, **count(questions_of(path))}))
