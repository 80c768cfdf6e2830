"""Which files the reference implementation accepts: safetensors_cases.py OUTPUT

Writes crafted and mutated files as base64 with the verdict of Python's `safetensors` (the Rust crate), for
test/model/safetensors.test.ts. Written with safetensors 0.8.0.
"""

import base64
import json
import random
import struct
import sys

import safetensors

GOOD = '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'


def file(header, data=8, length=None):
    raw = header if isinstance(header, bytes) else header.encode()
    return struct.pack("<Q", len(raw) if length is None else length) + raw + bytes(range(data))


def entry(dtype="F32", shape="[2]", offsets="[0,8]", more=""):
    return f'{{"dtype":"{dtype}","shape":{shape},"data_offsets":{offsets}{more}}}'


def crafted():
    yield "good", file(GOOD)
    yield "empty header", file("{}", 0)
    yield "empty header, bytes behind", file("{}", 8)
    yield "no bytes", b""
    yield "seven bytes", b"\0" * 7
    yield "header beyond the file", file(GOOD, length=1000)
    yield "header of 100 MB and one", file(GOOD, length=100_000_001)
    yield "header length of 2**63", file(GOOD, length=2**63)
    yield "spaces behind", file(GOOD + "   ")
    yield "zeros behind", file(GOOD + "\0\0")
    yield "no object", file('[1]', 0)
    yield "a text", file('"a"', 0)
    yield "not UTF-8", file(b'{"\xff\xfe":' + entry().encode() + b"}")
    yield "half a surrogate", file('{"\\ud800":' + entry() + "}")
    yield "a name of emoji", file('{"🦊":' + entry() + "}")
    yield "an empty name", file('{"":' + entry() + "}")
    yield "__proto__", file('{"__proto__":' + entry() + "}")
    yield "byte-order mark", file("\ufeff" + GOOD)
    yield "a comma too much", file(GOOD[:-1] + ",}")
    yield "repeated dtype", file('{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}')
    yield "repeated shape", file('{"a":' + entry(more=',"shape":[2]') + "}")
    for name in ("F16", "BF16", "F64", "I64", "I32", "I16", "I8", "U8", "U16", "U32", "U64", "BOOL", "C64"):
        size = {"F16": 4, "BF16": 4, "I16": 4, "U16": 4, "I32": 2, "U32": 2}.get(name, 1 if "64" in name else 8)
        yield f"type {name}", file('{"a":' + entry(name, f"[{size}]") + "}")
        yield f"type {name}, wrong size", file('{"a":' + entry(name, f"[{size + 1}]") + "}")
    for name in ("F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"):
        yield f"type {name}", file('{"a":' + entry(name, "[8]") + "}")
    yield "type F4", file('{"a":' + entry("F4", "[16]") + "}")
    yield "type F4, half a byte", file('{"a":' + entry("F4", "[15]") + "}")
    yield "type F6", file('{"a":' + entry("F6_E2M3", "[4]", "[0,3]") + "}", 3)
    yield "type F6, bits left", file('{"a":' + entry("F6_E3M2", "[3]", "[0,3]") + "}", 3)
    yield "unknown type", file('{"a":' + entry("F7") + "}")
    yield "type in small letters", file('{"a":' + entry("f32") + "}")
    yield "type as a list", file('{"a":{"dtype":["F32"],"shape":[2],"data_offsets":[0,8]}}')
    yield "type as a number", file('{"a":{"dtype":1,"shape":[2],"data_offsets":[0,8]}}')
    yield "no type", file('{"a":{"shape":[2],"data_offsets":[0,8]}}')
    yield "no shape", file('{"a":{"dtype":"F32","data_offsets":[0,8]}}')
    yield "no offsets", file('{"a":{"dtype":"F32","shape":[2]}}')
    yield "more fields", file('{"a":' + entry(more=',"x":[1,{"y":null}]') + "}")
    for shape in ("[-2]", "[2.0]", "[2.5]", '["2"]', "2", "null", "[[2]]", "[2e0]", "[true]", "[18446744073709551617]"):
        yield f"shape {shape}", file('{"a":' + entry(shape=shape) + "}")
    yield "scalar", file('{"a":' + entry(shape="[]", offsets="[0,4]") + "}", 4)
    yield "shape that overflows", file('{"a":' + entry(shape="[4294967296,4294967296,4294967296]") + "}")
    yield "shape that overflows to 8 bytes", file('{"a":' + entry(shape="[9223372036854775809,2]") + "}")
    yield "no elements", file('{"a":' + entry(shape="[0,7]", offsets="[0,0]") + "}", 0)
    for offsets in ("[0]", "[0,8,8]", "[8,0]", "[-8,0]", "[0,8.0]", "[1,9]", "[0,9]", "[0,7]", '"0,8"', "{}", "[0,16]"):
        yield f"offsets {offsets}", file('{"a":' + entry(offsets=offsets) + "}")
    two = '{"a":' + entry() + ',"b":%s}'
    yield "two in order", file(two % entry(offsets="[8,16]"), 16)
    yield "two the other way", file('{"b":' + entry(offsets="[8,16]") + ',"a":' + entry() + "}", 16)
    yield "overlap", file(two % entry(offsets="[4,12]"), 12)
    yield "the same place", file(two % entry(), 8)
    yield "gap", file(two % entry(offsets="[12,20]"), 20)
    yield "gap at the beginning", file('{"a":' + entry(offsets="[4,12]") + "}", 12)
    yield "bytes behind", file(GOOD, 9)
    yield "bytes missing", file(GOOD, 7)
    yield "empty one at the end", file(two % entry(shape="[0]", offsets="[8,8]"))
    yield "empty one inside", file(two % entry(shape="[0]", offsets="[4,4]"))
    yield "empty one far away", file(two % entry(shape="[0]", offsets="[99,99]"))
    for metadata in ('{"a":"b"}', "{}", '{"a":1}', '"text"', "[]", '{"a":null}', '{"a":{"b":"c"}}', "1"):
        yield f"metadata {metadata}", file('{"__metadata__":' + metadata + ',"a":' + entry() + "}")
    yield "only metadata", file('{"__metadata__":{"a":"b"}}', 0)
    yield "an entry of null", file('{"a":null}', 0)
    yield "an entry of a number", file('{"a":1}', 0)
    # looser in the reference than in the format's description, or by the way of its parser
    yield "strict: repeated tensor", file('{"a":' + entry() + ',"a":' + entry() + "}")
    yield "strict: repeated metadata", file('{"__metadata__":{"a":"1","a":"2"},"a":' + entry() + "}")
    yield "strict: a space before", file(" " + GOOD)
    yield "strict: an entry as a list", file('{"a":["F32",[2],[0,8]]}')
    yield "strict: metadata of null", file('{"__metadata__":null,"a":' + entry() + "}")


def mutated(count, seed=0):
    """Two tensors, some bytes changed, most of them in the header."""
    draw = random.Random(seed)
    good = file('{"__metadata__":{"format":"pt"},"a":' + entry() + ',"b":' + entry("F16", "[2,2]", "[8,16]") + "}", 16)
    for number in range(count):
        data = bytearray(good)
        for _ in range(draw.choice([1, 1, 2, 3])):
            kind, at = draw.random(), draw.randrange(len(data))
            if kind < 0.5:
                data[at] = draw.choice(b'0123456789,:{}[]"FB ' + bytes([draw.randrange(256)]))
            elif kind < 0.7:
                del data[at : at + draw.randrange(1, 4)]
            elif kind < 0.9:
                data[at:at] = bytes(draw.choice(b'0123456789,:{}[]" ') for _ in range(draw.randrange(1, 4)))
            else:
                data = data[:at]
            if len(data) == 0:
                break
        # most with the right length, so that the header is read
        if draw.random() < 0.8 and b"}}" in data:
            struct.pack_into("<Q", data, 0, data.rindex(b"}}") + 2 - 8)
        yield f"mutated {number}", bytes(data)


def accepts(data):
    try:
        safetensors.deserialize(data)
        return True
    except safetensors.SafetensorError:
        return False


def main(target, count=300):
    cases = [
        {"name": name, "file": base64.b64encode(data).decode(), "accepted": accepts(data)}
        for name, data in [*crafted(), *mutated(int(count))]
    ]
    with open(target, "w") as output:
        json.dump({"safetensors": safetensors.__version__, "cases": cases}, output, indent=0)
    print(f"{len(cases)} files, {sum(case['accepted'] for case in cases)} accepted")


main(*sys.argv[1:])
