"""In: a text. Out: the same text encoded, and what the layers of a text show."""

import base64
import gzip
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from analyzer.archives.budget import Budget
from analyzer.leaks.decode.charsets import newline
from analyzer.leaks.decode.layers import DecodedText, decoded_texts
from analyzer.leaks.decode.windows import windows
from tests.leaks.leak_material import key_id, secret

KEY, SECRET = key_id(n=7), secret(7)
PAIR = f"aws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n"


def found(data: bytes | str, spots: Sequence[int] = ()) -> list[DecodedText]:
    """All layers of a content."""
    raw = data.encode() if isinstance(data, str) else data
    return list(layers(raw, spots, Budget.for_size(len(raw))))


def layers(raw: bytes, spots: Sequence[int], budget: Budget) -> Iterator[DecodedText]:
    """The layers of each window, their lines those of the content."""
    ending = newline(raw)
    for begin, end in windows(raw, spots):
        before = raw.count(ending, 0, begin)
        for layer in decoded_texts(raw[begin:end], budget):
            yield replace(layer, line=layer.line + before)


def showing(data: bytes | str, value: str = KEY, spots: Sequence[int] = ()) -> DecodedText:
    """The first layer in which the value can be read."""
    return next(layer for layer in found(data, spots) if value in layer.text)


def line_of(data: bytes | str, value: str = KEY, spots: Sequence[int] = ()) -> int:
    """The line of the outer text from which the value comes."""
    layer = showing(data, value, spots)
    return layer.line_at(layer.text.index(value))


def b64(text: str | bytes) -> str:
    """Standard base64 on one line."""
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def wrapped(text: str | bytes, before: str = "") -> str:
    """Standard base64 in lines of 64 characters, each behind the same few."""
    return textwrap.indent("\n".join(textwrap.wrap(b64(text), 64)), before, lambda _: True)


def percent(text: str) -> str:
    """Each character as a URL escapes it."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def unicode(text: str) -> str:
    """Each character as JSON escapes it."""
    return "".join(f"\\u{ord(each):04x}" for each in text)


def hexadecimal(text: str) -> str:
    """Each character as a string of C or Python escapes it."""
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def octal(text: str) -> str:
    """Each character as a shell escapes it."""
    return "".join(f"\\{byte:03o}" for byte in text.encode())


def entities(text: str) -> str:
    """Each character as HTML escapes it."""
    return "".join(f"&#{ord(each)};" for each in text)


def in_quotes(text: str) -> str:
    """The text as a string of JSON."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return '{"note": "' + escaped.replace("\t", "\\t") + '"}'


def in_halves(text: str) -> str:
    """The text as an expression of two literals in Python, cut in the middle of each line."""
    return "\n".join(
        f'x = "{line[: len(line) // 2]}" + "{line[len(line) // 2 :]}"' for line in text.split("\n")
    )


def byte_list(text: str) -> str:
    """The text as numbers, as Go and Java print an array of bytes."""
    return ", ".join(str(byte) for byte in text.encode())


Encode = Callable[[str], str]
TEXT_ENCODINGS: dict[str, Encode] = {
    "as it stands": lambda text: text,
    "base64": b64,
    "base64 in lines": wrapped,
    "base64 behind comment signs": lambda text: wrapped(text, "# "),
    "base64 of a URL": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "hexadecimal": lambda text: text.encode().hex(),
    "capital hexadecimal": lambda text: text.encode().hex().upper(),
    "percent": percent,
    "\\u": unicode,
    "\\x": hexadecimal,
    "octal": octal,
    "entities": entities,
    "a string of JSON": in_quotes,
    "base64 of UTF-16": lambda text: b64(text.encode("utf-16-le")),
    "base64 of gzip": lambda text: b64(gzip.compress(text.encode(), mtime=0)),
    "a list of bytes": byte_list,
}
CHARACTER_SETS: dict[str, Callable[[str], bytes]] = {
    "UTF-8": str.encode,
    "UTF-8 with a mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16 LE": lambda text: text.encode("utf-16-le"),
    "UTF-16 BE": lambda text: text.encode("utf-16-be"),
    "UTF-16 with a mark": lambda text: text.encode("utf-16"),
    "UTF-32 LE": lambda text: text.encode("utf-32-le"),
    "UTF-32 BE": lambda text: text.encode("utf-32-be"),
}
