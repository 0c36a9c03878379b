"""Valid content changed at random: bytes, JSON documents, tables, and archives with the right check sums."""

import copy
import io
import json
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from random import Random

Mutate = Callable[[Random, bytes], bytes]

HOSTILE = (
    *(None, True, False, -1, 0, 1, 2**31, 2**63, 10**30, 10**400, 1e308, -1e308, 1e30, 1e8, 5e-324, 0.5),
    *(float("nan"), float("inf"), float("-inf")),
    *("", " ", "\0", "a\0b", "\ud800", "\udcff", "../x", "/etc/passwd", "C:\\x", "é" * 300, "9" * 400, "x" * 100_000),
    *("${oc.env:HOME}", "1e400", "nan", "[red]", "%s"),
    *([], {}, [[]], {"a": {}}, [None] * 100, [[1, 2]] * 3, [1e308, 1e308]),
)
"""Values that no file of ours holds where they land."""

DEEP = ("[" * 500 + "]" * 500, '{"a":' * 200 + "1" + "}" * 200, "[" * 20_000, "9" * 5_000, "1e999", "-", "\x00")
"""JSON texts that json.dumps does not write."""

CELLS = (
    *("", " ", "|", "0", "-1", "1e308", "1e30", "nan", "inf", "9" * 400, "x", "\0", "é", "../x", "/x", "a.png"),
    *('"', "'", "=1+1", "[red]", "${x:y}", "true", "1;2", "0.5", "10" * 20, "x" * 200_000, "1_000"),
)


def mutate_bytes(rng: Random, data: bytes) -> bytes:
    """One to four places flipped, overwritten, cut out, doubled or filled with foreign bytes; or the end cut off."""
    content = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        place = rng.randrange(len(content) + 1)
        length = min(rng.choice((1, 1, 2, 4, 8, 64)), len(content) - place)
        kind = rng.randrange(7)
        if kind == 0 and place < len(content):
            content[place] ^= 1 << rng.randrange(8)
        elif kind == 1:
            content[place : place + length] = rng.randbytes(length)
        elif kind == 2:
            content[place : place + length] = rng.choice((b"\0", b"\xff", b"\x7f", b"\x80")) * length
        elif kind == 3:
            del content[place : place + length]
        elif kind == 4:
            content[place:place] = rng.randbytes(rng.choice((1, 4, 64)))
        elif kind == 5:
            content[place:place] = content[place : place + length]
        elif rng.random() < 0.3:
            del content[place:]
    return bytes(content)


def places(value: object, path: tuple = ()) -> list[tuple]:
    """Every place in a JSON document below its top, by the keys that lead there."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for key, child in children:
        found += [(*path, key), *places(child, (*path, key))]
    return found


def mutate_document(rng: Random, document: object) -> object:
    """One or two values replaced by a hostile one, removed, wrapped, exchanged, or put under another key."""
    document = copy.deepcopy(document)
    for _ in range(rng.choice((1, 1, 2))):
        where = rng.choice(places(document) or [()])
        if not where:
            return copy.deepcopy(rng.choice(HOSTILE))
        parent, key = document, where[-1]
        for step in where[:-1]:
            parent = parent[step]
        kind = rng.randrange(8)
        if kind == 0:
            del parent[key]
        elif kind == 1:
            parent[key] = rng.choice(([parent[key]], {"a": parent[key]}, str(parent[key])))
        elif kind == 2 and isinstance(parent, list):
            parent.insert(key, copy.deepcopy(parent[key]))
        elif kind == 2:
            parent[str(rng.choice(HOSTILE))[:50]] = parent.pop(key)
        elif kind == 3 and isinstance(parent, list):
            parent += [copy.deepcopy(rng.choice(HOSTILE))] * rng.choice((1, 3, 600))
        elif kind == 3:
            other = rng.choice(places(document))
            target = document
            for step in other:
                target = target[step]
            parent[key] = copy.deepcopy(target)
        else:
            parent[key] = copy.deepcopy(rng.choice(HOSTILE))
    return document


def mutate_json(rng: Random, data: bytes) -> bytes:
    """A mutated document, which may have a repeated key or a text that json.dumps does not write; or mutated bytes."""
    kind = rng.random()
    if kind < 0.15:
        return mutate_bytes(rng, data)
    text = json.dumps(mutate_document(rng, json.loads(data)))
    if kind < 0.25:  # a value of the text by one that is no JSON, or nested deep
        places_of_values = [index for index, letter in enumerate(text) if letter in ":[,"]
        place = rng.choice(places_of_values or [0])
        text = text[: place + 1] + rng.choice(DEEP) + rng.choice((",", "")) + text[place + 1 :]
    elif kind < 0.3:  # the first key again
        text = text.replace("{", "{" + text[1 : text.find(",") + 1], 1) if "," in text else text
    return text.encode("utf-8", "surrogatepass")


def mutate_table(rng: Random, data: bytes) -> bytes:
    """Cells replaced, rows and columns doubled, removed or cut, quotes and delimiters changed; or mutated bytes."""
    if rng.random() < 0.2:
        return mutate_bytes(rng, data)
    lines = [line.split(",") for line in data.decode().splitlines()]
    for _ in range(rng.choice((1, 1, 2, 4))):
        line = rng.choice(lines)
        cell = rng.randrange(len(line)) if line else 0
        kind = rng.randrange(8)
        if kind == 0:
            lines.insert(rng.randrange(len(lines) + 1), list(line))
        elif kind == 1 and len(lines) > 1:
            lines.remove(line)
        elif kind == 2:
            del line[cell:]
        elif kind == 3:
            line.insert(cell, rng.choice(CELLS))
        elif line:
            words = line[cell].split(" ")
            words[rng.randrange(len(words))] = rng.choice(CELLS)
            line[cell] = " ".join(words) if kind > 5 else rng.choice(CELLS)
    delimiter = rng.choices((",", ";", "\t", ",\r"), (20, 1, 1, 1))[0]
    text = rng.choices(("\n", "\r\n", "\r", "\0"), (20, 2, 1, 1))[0].join(map(delimiter.join, lines))
    return text.encode("utf-8", "surrogatepass")


def mutate_archive(rng: Random, data: bytes) -> bytes:
    """Members of a zip changed, renamed, doubled or removed under right check sums; or mutated bytes."""
    if rng.random() < 0.4:
        return mutate_bytes(rng, data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    for _ in range(rng.choice((1, 1, 2))):
        index = rng.randrange(len(members)) if members else 0
        name, content = members[index] if members else ("a/b.png", b"")
        kind = rng.randrange(6)
        if kind == 0 and members:
            del members[index]
        elif kind == 1:
            members.append((rng.choice((name, "../x.png", "/x.png", "a\\..\\b.png", "é/ü.png", "", "x")), content))
        elif content and members:
            members[index] = (name, mutate_bytes(rng, content))
    buffer = io.BytesIO()
    method = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a name that is there twice
                archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def mutate_safetensors(rng: Random, data: bytes) -> bytes:
    """A mutated header whose stated length is right; or mutated bytes."""
    if rng.random() < 0.4:
        return mutate_bytes(rng, data)
    length = int.from_bytes(data[:8], "little")
    header = mutate_json(rng, data[8 : 8 + length])
    return len(header).to_bytes(8, "little") + header + data[8 + length :]


def mutate_image(rng: Random, data: bytes) -> bytes:
    """Mutated bytes; of half of the PNGs the chunks get the check sums that they should have."""
    mutated = mutate_bytes(rng, data)
    return with_png_sums(mutated) if data.startswith(b"\x89PNG") and rng.random() < 0.5 else mutated


def with_png_sums(data: bytes) -> bytes:
    """A PNG with right check sums, as far as its chunks can be followed."""
    content, place = bytearray(data), 8
    while place + 12 <= len(content):
        end = place + 8 + int.from_bytes(content[place : place + 4], "big")
        if end + 4 > len(content):
            break
        content[end : end + 4] = struct.pack(">I", zlib.crc32(content[place + 4 : end]))
        place = end + 4
    return bytes(content)
