"""The folder shows the data flow: modules sort in its order, and imports point backwards."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "analyzer"
DRIVERS = {"__init__", "__main__", "audit", "cli"}
"""They run the stages, so they alone look forward."""
FOUNDATIONS = {"errors"}
"""Every module may import these; they import nothing of ours."""
HOME_OF = {
    "click": {"cli"},
    "rich": {"cli"},
    "jinja2": {"collect", "writers"},
    "weasyprint": {"writers", "cli"},  # cli: `doctor` asks whether it can be imported
    "detect_secrets": {"leaks"},
    "pandas": {"writers"},
}
FORBIDDEN = {"boto3", "botocore", "socket", "urllib.request", "http", "requests", "ftplib", "ssl"}


def modules() -> list[Path]:
    """Every file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Every module that the file imports, at the top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def stage(dotted: str) -> str:
    """The stage that a module of ours belongs to."""
    return dotted.split(".")[1]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_stages_import_only_stages_that_sort_before_them(path):
    """Reading the file list from top to bottom is reading the flow of the data."""
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    if own in DRIVERS:
        return
    used = {stage(name) for name in imported(path) if name.startswith("analyzer.")}
    ahead = {name for name in used - FOUNDATIONS - {"__version__"} if name > own}
    assert not ahead, f"{own} imports {ahead}, which come later"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_of_a_stage_import_only_siblings_that_sort_before_them(path):
    """The same holds inside each stage."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if len(parts) == 1 or parts[0] in DRIVERS or parts[-1] == "__init__":
        return
    home = ".".join(("analyzer", *parts[:-1]))
    siblings = {
        name.removeprefix(f"{home}.").split(".")[0]
        for name in imported(path)
        if name.startswith(f"{home}.")
    }
    files = {each.stem for each in path.parent.iterdir()}
    ahead = {name for name in siblings & files if name > parts[-1]}
    assert not ahead, f"{parts[-1]} imports {ahead}, which come later"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_library_has_its_home_and_none_talks_to_a_network(path):
    """Who wants to know where click or weasyprint is used looks in one place."""
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    for name in imported(path):
        root = name.split(".")[0]
        assert own in HOME_OF.get(root, {own}), f"{root} is imported in {own}"
        assert name not in FORBIDDEN, f"{name} can reach a network"
        assert root not in FORBIDDEN, f"{root} can reach a network"


def test_no_module_is_called_by_an_empty_word():
    """A file is named for what it holds."""
    names = {path.stem for path in modules()}
    assert not names & {"utils", "helpers", "common", "manager", "misc", "base"}
