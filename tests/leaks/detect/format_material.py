"""In: names with their values. Out: a text that has them, in every format, encoding and place."""

import json
import quopri
from collections.abc import Callable, Sequence
from urllib.parse import quote

Members = Sequence[tuple[str, str]]


def _json(holder: str, members: Members, blank: str) -> str:
    inner = (
        "{" + ",".join(f"{json.dumps(n)}{blank}:{blank}{json.dumps(v)}" for n, v in members) + "}"
    )
    return f"{{{json.dumps(holder)}{blank}:{blank}{inner}}}" if holder else inner


def _json_lines(holder: str, members: Members, blank: str) -> str:
    inner = ",\n".join(f"  {json.dumps(n)}{blank}: {json.dumps(v)}" for n, v in members)
    return f"{{\n{json.dumps(holder)}{blank}: {{\n{inner}\n}}}}" if holder else f"{{\n{inner}\n}}"


def _python(holder: str, members: Members, blank: str) -> str:
    inner = "{" + ", ".join(f"{n!r}:{blank}{v!r}" for n, v in members) + "}"
    return f"{{{holder!r}:{blank}{inner}}}" if holder else inner


def _call(holder: str, members: Members, blank: str) -> str:
    inner = ", ".join(f"{n}{blank}={blank}{v!r}" for n, v in members)
    return f"{holder or 'f'}({inner})"


def _script(holder: str, members: Members, blank: str) -> str:
    inner = ", ".join(f'{n}{blank}:{blank}"{v}"' for n, v in members)
    return f"{holder or 'x'}{blank}:{blank}{{ {inner} }}"


def _yaml(holder: str, members: Members, blank: str) -> str:
    indent = "  " if holder else ""
    body = "".join(f"{indent}{n}{blank}: {v}\n" for n, v in members)
    return f"{holder}{blank}:\n{body}" if holder else body


def _yaml_quoted(holder: str, members: Members, blank: str) -> str:
    return _yaml(holder, [(n, json.dumps(v)) for n, v in members], blank)


def _toml(holder: str, members: Members, blank: str) -> str:
    body = "".join(f"{n}{blank}={blank}{json.dumps(v)}\n" for n, v in members)
    return f"[{holder}]\n{body}" if holder else body


def _ini(holder: str, members: Members, blank: str) -> str:
    body = "".join(f"{n}{blank}={blank}{v}\n" for n, v in members)
    return f"[{holder}]\n{body}" if holder else body


def _hcl(holder: str, members: Members, blank: str) -> str:
    body = "".join(f"  {n}{blank}={blank}{json.dumps(v)}\n" for n, v in members)
    return f'resource "{holder or "x"}" "x" {{\n{body}}}\n'


def _xml(holder: str, members: Members, blank: str) -> str:
    body = "".join(f"<{n}>{v}</{n}>{blank}" for n, v in members)
    return f"<{holder}>{body}</{holder}>" if holder else f"<x>{body}</x>"


def _shell(holder: str, members: Members, blank: str) -> str:
    return "".join(f"export {n}='{v}'\n" for n, v in members)


def _options(holder: str, members: Members, blank: str) -> str:
    return f"aws {holder} " + " ".join(f"--{n}{blank or ' '}'{v}'" for n, v in members)


def _query(holder: str, members: Members, blank: str) -> str:
    return "&".join(f"{n}={v}" for n, v in members)


def _hash(holder: str, members: Members, blank: str) -> str:
    body = ", ".join(f"'{n}'{blank}=>{blank}'{v}'" for n, v in members)
    return f"'{holder}'{blank}=>{blank}{{{body}}}" if holder else f"[{body}]"


FORMATS: dict[str, Callable[[str, Members, str], str]] = {
    "JSON": _json,
    "JSON in lines": _json_lines,
    "Python": _python,
    "a call": _call,
    "JavaScript": _script,
    "YAML": _yaml,
    "YAML in quotes": _yaml_quoted,
    "TOML": _toml,
    "ini": _ini,
    "HCL": _hcl,
    "XML": _xml,
    "shell": _shell,
    "options": _options,
    "query": _query,
    "hash": _hash,
}
ESCAPES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in JSON": lambda text: json.dumps({"x": text}),
    "in JSON in JSON": lambda text: json.dumps({"y": json.dumps({"x": text})}),
    "escaped": lambda text: text.replace("\\", "\\\\").replace('"', '\\"'),
    "slashes": lambda text: text.replace("/", "\\/"),
    "signs": lambda text: (
        text.replace('"', "\\u0022").replace(":", "\\u003a").replace("=", "\\x3d")
    ),
    "an address": quote,
    "an address, twice": lambda text: quote(quote(text)),
    "a mail": lambda text: (
        quopri.encodestring(text.encode(), quotetabs=True).decode().replace("=\n", "")
    ),
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "HTML": lambda text: (
        text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
    ),
}
PLACES = {
    "alone": "{}",
    "last": "a line\nanother\n{}",
    "first": "{}\na line\n",
    "in the midst": "a line of text\n" * 400 + "{}\n" + "a line of text\n" * 400,
}
CHARACTER_SETS = {"bytes": "utf-8", "wide": "utf-16", "wide, big end first": "utf-16-be"}
