"""In: nothing. Out: the files in which a pair is encoded: charsets, escapes, base64, hex."""

import base64
import codecs
import gzip
import html
import json
import textwrap
import zlib
from collections.abc import Callable, Iterator
from urllib.parse import quote

from tests.leaks.hiding.archives import zipped
from tests.leaks.hiding.model import Hideout, Pair, in_head, pair_for


def b64(data: str | bytes) -> str:
    """Standard base64 on one line."""
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def wrapped(data: str | bytes, width: int = 76) -> list[str]:
    """Standard base64 in lines, as `base64` and MIME print it."""
    return textwrap.wrap(b64(data), width)


def long_file(pair: Pair) -> str:
    """The pair's file behind comments, so that it fills several lines of base64."""
    return (
        "# keys of the build, do not lose them, and do not show them to anybody\n" * 3 + pair.file
    )


def unicode_escaped(text: str) -> str:
    """Each character as JavaScript and JSON escape it."""
    return "".join(f"\\u{ord(char):04x}" for char in text)


Encode = Callable[[Pair], bytes]

ENCODINGS: dict[str, tuple[str, Encode, int]] = {
    "UTF-8 with BOM": ("utf8-bom.ini", lambda p: codecs.BOM_UTF8 + p.file.encode(), 2),
    "UTF-16 LE with BOM": (
        "utf16le-bom.ini",
        lambda p: codecs.BOM_UTF16_LE + p.file.encode("utf-16-le"),
        2,
    ),
    "UTF-16 LE without BOM": ("utf16le.ini", lambda p: p.file.encode("utf-16-le"), 2),
    "UTF-16 BE with BOM": (
        "utf16be-bom.ini",
        lambda p: codecs.BOM_UTF16_BE + p.file.encode("utf-16-be"),
        2,
    ),
    "UTF-16 BE without BOM": ("utf16be.ini", lambda p: p.file.encode("utf-16-be"), 2),
    "UTF-16 LE with CRLF": (
        "utf16le-crlf.reg",
        lambda p: p.file.replace("\n", "\r\n").encode("utf-16"),
        2,
    ),
    "UTF-32 LE with BOM": (
        "utf32le-bom.ini",
        lambda p: codecs.BOM_UTF32_LE + p.file.encode("utf-32-le"),
        2,
    ),
    "UTF-32 BE without BOM": ("utf32be.ini", lambda p: p.file.encode("utf-32-be"), 2),
    "Latin-1": ("latin1.ini", lambda p: ("# Schlüssel für Zoé\n" + p.file).encode("latin-1"), 3),
    "CRLF": ("crlf.ini", lambda p: p.file.replace("\n", "\r\n").encode(), 2),
    "text with NUL bytes": ("nul.ini", lambda p: b"\0\0# cut\0\n" + p.file.encode() + b"\0\0", 3),
    "binary with NUL bytes": (
        "core.bin",
        lambda p: bytes(range(256)) * 40 + b"\0" + p.file.encode() + b"\0" + bytes(range(256)) * 40,
        0,
    ),
    "NUL between key and secret": (
        "environ",
        lambda p: (
            f"A=1\0AWS_ACCESS_KEY_ID={p.id}\0AWS_SECRET_ACCESS_KEY={p.secret}\0B=2\0".encode()
        ),
        1,
    ),
}

ESCAPES: dict[str, tuple[str, Callable[[Pair], str], str]] = {
    "percent-escaped form": (
        "form.txt",
        lambda p: f"creds=key%3D{p.id}%26secret%3D{quote(p.secret, safe='')}\n",
        "/+",
    ),
    "percent-escaped altogether": (
        "request.txt",
        lambda p: "POST /\n" + "".join(f"%{byte:02X}" for byte in p.file.encode()) + "\n",
        "",
    ),
    r"\n in JSON": (
        "newline.json",
        lambda p: json.dumps({"log": f"start\n{p.id}\n{p.secret}\nend"}) + "\n",
        "",
    ),
    r"\t in JSON": (
        "tab.json",
        lambda p: json.dumps({"row": f"ann\t{p.id}\t{p.secret}\t1"}) + "\n",
        "",
    ),
    r"\x escapes of the quotes": (
        "quotes.js",
        lambda p: f"load('key=\\x22{p.id}\\x22 secret=\\x22{p.secret}\\x22');\n",
        "",
    ),
    r"\x escapes altogether": (
        "shellcode.c",
        lambda p: (
            'char keys[] =\n  "' + "".join(f"\\x{byte:02x}" for byte in p.file.encode()) + '";\n'
        ),
        "",
    ),
    r"\u escapes in JSON": (
        "unicode.json",
        lambda p: (
            f'{{"accessKeyId": "{unicode_escaped(p.id)}",\n'
            f' "secretAccessKey": "{unicode_escaped(p.secret)}"}}\n'
        ),
        "",
    ),
    r"\/ and \u002b in JSON": (
        "slash.json",
        lambda p: (
            f'{{"accessKeyId":"{p.id}","secretAccessKey":"'
            + p.secret.replace("/", "\\/").replace("+", "\\u002b")
            + '"}\n'
        ),
        "/+",
    ),
    "octal escapes": (
        "octal.sh",
        lambda p: "eval $'" + "".join(f"\\{byte:03o}" for byte in p.file.encode()) + "'\n",
        "",
    ),
    "JSON in JSON": (
        "event.json",
        lambda p: (
            json.dumps(
                {"body": json.dumps({"accessKeyId": p.id, "secretAccessKey": p.secret})}
            ).replace("/", "\\/")
            + "\n"
        ),
        "/",
    ),
    "JSON in JSON in JSON": (
        "queue.json",
        lambda p: json.dumps({"m": json.dumps({"m": json.dumps({"keys": p.file})})}) + "\n",
        "",
    ),
    "HTML entities": (
        "page.html",
        lambda p: (
            f"<pre>&quot;{p.id}&quot;\n"
            + html.escape(f'secret="{p.secret}"').replace("/", "&#x2F;").replace("+", "&#43;")
            + "</pre>\n"
        ),
        "/+",
    ),
    "HTML entities altogether": (
        "entities.html",
        lambda p: "<p>\n" + "".join(f"&#{ord(char)};" for char in p.file) + "</p>\n",
        "",
    ),
}

BLOCKS: dict[str, tuple[str, Callable[[Pair], str], tuple[int, ...]]] = {
    "base64 of a file": ("file.b64", lambda p: b64(p.file) + "\n", (1,)),
    "base64 in a field": (
        "field.json",
        lambda p: f'{{\n  "name": "aws",\n  "config": "{b64(p.file)}"\n}}\n',
        (3,),
    ),
    "base64 of each field": (
        "secret.yaml",
        lambda p: (
            "apiVersion: v1\nkind: Secret\ndata:\n"
            f"  AWS_ACCESS_KEY_ID: {b64(p.id)}\n  AWS_SECRET_ACCESS_KEY: {b64(p.secret)}\n"
        ),
        (4,),
    ),
    "base64 wrapped at 76": (
        "wrapped.eml",
        lambda p: "a mail\n\n" + "\n".join(wrapped(long_file(p))) + "\n\n-- \n",
        tuple(range(3, 9)),
    ),
    "base64 in an indented YAML block": (
        "block.yaml",
        lambda p: (
            "apiVersion: v1\nkind: Secret\ndata:\n  credentials: |\n"
            + textwrap.indent("\n".join(wrapped(long_file(p), 60)), "    ")
            + "\n  other: eA==\n"
        ),
        tuple(range(5, 12)),
    ),
    "base64 behind comment signs": (
        "commented.py",
        lambda p: (
            "import os\n"
            + textwrap.indent("\n".join(wrapped(long_file(p), 64)), "# ")
            + "\nos.getpid()\n"
        ),
        tuple(range(2, 9)),
    ),
    "base64 twice": ("twice.txt", lambda p: f"blob: {b64(b64(p.file))}\n", (1,)),
    "base64 of UTF-16": (
        "run.ps1",
        lambda p: (
            "# nightly\npowershell -EncodedCommand "
            + b64(
                f"$env:AWS_ACCESS_KEY_ID='{p.id}'; $env:AWS_SECRET_ACCESS_KEY='{p.secret}'".encode(
                    "utf-16-le"
                )
            )
            + "\n"
        ),
        (2,),
    ),
    "base64 of JSON in base64": (
        "dockerconfig.json",
        lambda p: json.dumps({"data": b64(json.dumps({"inner": b64(p.file)}))}) + "\n",
        (1,),
    ),
    "base64url": (
        "token.txt",
        lambda p: base64.urlsafe_b64encode(f"ÿ¿ÿ¾ {p.file}".encode()).decode().rstrip("=") + "\n",
        (1,),
    ),
    "data URI": (
        "link.html",
        lambda p: f'<html>\n<a href="data:text/plain;base64,{b64(p.file)}">keys</a>\n',
        (2,),
    ),
    "HTTP basic authorisation": (
        "request.http",
        lambda p: f"GET / HTTP/1.1\nAuthorization: Basic {b64(f'{p.id}:{p.secret}')}\n\n",
        (2,),
    ),
    "gzip in base64": (
        "userdata.yaml",
        lambda p: (
            "encoding: gz+b64\ncontent: "
            + b64(gzip.compress(long_file(p).encode(), mtime=0))
            + "\n"
        ),
        (2,),
    ),
    "gzip in base64 twice": (
        "release.yaml",
        lambda p: (
            "kind: Secret\ntype: helm.sh/release.v1\ndata:\n  release: "
            + b64(b64(gzip.compress(long_file(p).encode(), mtime=0)))
            + "\n"
        ),
        (4,),
    ),
    "zlib in base64": (
        "session.py",
        lambda p: f"STATE = b'{b64(zlib.compress(long_file(p).encode()))}'\n",
        (1,),
    ),
    "zip in base64": (
        "lambda.json",
        lambda p: f'{{\n "ZipFile": "{b64(zipped({"app/keys.ini": p.file.encode()}))}"\n}}\n',
        (2,),
    ),
    "hex of a file": ("file.hex", lambda p: p.file.encode().hex() + "\n", (1,)),
    "hex of each field": (
        "field.sql",
        lambda p: (
            "INSERT INTO keys VALUES\n"
            f"(X'{p.id.encode().hex().upper()}', X'{p.secret.encode().hex().upper()}');\n"
        ),
        (2,),
    ),
}


def encodings() -> Iterator[Hideout]:
    """Every file in which something has to be undone before the pair can be read."""
    for name, (file, encode, line) in ENCODINGS.items():
        pair = pair_for(name)
        data = encode(pair)
        number = line or data[: data.index(pair.id.encode())].count(b"\n") + 1
        place = in_head(name, pair, f"encoded/{file}", number)
        yield Hideout(place, place.path, lambda data=data: data)
    for name, (file, write, having) in ESCAPES.items():
        pair = pair_for(name, having=having)
        text = write(pair)
        number = 2 if file in {"request.txt", "shellcode.c", "entities.html"} else 1
        place = in_head(name, pair, f"escaped/{file}", number)
        yield Hideout(place, place.path, text.encode)
    for name, (file, write, lines) in BLOCKS.items():
        pair = pair_for(name)
        place = in_head(name, pair, f"blocks/{file}", *lines)
        yield Hideout(place, place.path, write(pair).encode)
