"""In: folders of real files. Out: these files by kind of text, as their names and lines tell."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

LONG_LINE = 500
"""Bytes of a line, in the mean of a file: no person wrote it."""
_ENDINGS = {
    "Python": (".py", ".pyi"),
    "JavaScript": (".js", ".mjs", ".cjs", ".jsx"),
    "TypeScript": (".ts", ".mts", ".cts", ".tsx"),
    "Java": (".java", ".kt", ".scala"),
    "other sources": (".c", ".h", ".cc", ".cpp", ".go", ".rs", ".rb", ".sh", ".cs", ".php", ".pl"),
    "source map": (".map",),
    "JSON": (".json",),
    "JSON lines": (".jsonl", ".ndjson"),
    "YAML, TOML": (".yaml", ".yml", ".toml", ".ini", ".cfg"),
    "HTML, XML": (".html", ".htm", ".xml", ".svg", ".xhtml"),
    "style sheet": (".css", ".scss", ".less"),
    "documentation": (".md", ".rst", ".txt", ".adoc"),
    "CSV": (".csv", ".tsv"),
    "PEM certificates": (".pem", ".crt", ".cer"),
    "Jupyter notebook": (".ipynb",),
    "Terraform": (".tf", ".tfstate"),
    "packed": (".gz", ".tgz", ".bz2", ".xz", ".zst", ".zip", ".jar", ".whl"),
}
_KINDS = {ending: kind for kind, endings in _ENDINGS.items() for ending in endings}
_LOCKS = ("lock.json", "shrinkwrap.json", ".lock", "lock.yaml", "go.sum")
_LOGS = ("change", "history", "news", "release")
_MAY_BE_PACKED = ("JavaScript", "style sheet")


def kind_of(path: Path, data: bytes) -> str:
    """What sort of text this file is."""
    name = path.name.lower()
    if name.endswith(_LOCKS):
        return "lock file"
    kind = _KINDS.get(path.suffix.lower(), "everything else")
    if kind in {"documentation", "everything else"} and name.startswith(_LOGS):
        return "changelog"
    if kind in _MAY_BE_PACKED and len(data) > LONG_LINE * (data.count(b"\n") + 1):
        return "minified bundle"
    return kind


def seconds_by_kind(
    folders: Iterable[Path], measure: Callable[[bytes], float]
) -> dict[str, tuple[int, float]]:
    """Bytes and seconds of all files of each kind; links are not followed."""
    sizes, seconds = defaultdict[str, int](int), defaultdict[str, float](float)
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                data = path.read_bytes()
                kind = kind_of(path, data)
                sizes[kind] += len(data)
                seconds[kind] += measure(data)
    return {kind: (sizes[kind], seconds[kind]) for kind in sorted(sizes)}
