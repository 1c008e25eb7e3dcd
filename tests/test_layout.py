"""Each package says its order, the imports follow it, and each library has one home."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import analyzer

PACKAGE = Path(analyzer.__file__).parent
ORDER = re.compile(r"^(\w+) {2,}\S", re.MULTILINE)
"""A line of a package's docstring that names one of its modules and says what it does."""
HOME_OF = {
    "click": {"cli"},
    "rich": {"cli"},
    "jinja2": {"writers"},
    "weasyprint": {"writers", "cli"},  # cli: `doctor` asks whether it can be imported
    "detect_secrets": {"leaks"},
    "pandas": {"proposals", "writers"},
}
FORBIDDEN = {"boto3", "botocore", "socket", "urllib.request", "http", "requests", "ftplib", "ssl"}
EMPTY_WORDS = {"utils", "helpers", "common", "manager", "misc", "base"}


DISCOVERED = {"patterns"}
"""Packages that list none of their modules: whoever adds one edits no other file."""


def modules() -> list[Path]:
    """Every file of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def packages() -> list[Path]:
    """Every folder of the package that holds modules and lists them."""
    return sorted({path.parent for path in modules() if path.parent.name not in DISCOVERED})


def listed(package: Path) -> list[str]:
    """The modules that a package's docstring names, in its order."""
    text = ast.get_docstring(ast.parse((package / "__init__.py").read_text()), clean=False)
    return ORDER.findall(text or "")


def members(package: Path) -> set[str]:
    """The modules and packages that lie in a package."""
    files = {path.stem for path in package.glob("*.py")} - {"__init__"}
    return files | {path.parent.name for path in package.glob("*/__init__.py")}


def imported(path: Path) -> Iterator[str]:
    """Every module that the file imports, at the top or inside a function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def used_by(package: Path, member: str) -> set[str]:
    """The other members of the package that this one imports."""
    dotted = ".".join(("analyzer", *package.relative_to(PACKAGE).parts))
    place = package / member
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
    names = {name for path in files for name in imported(path)}
    below = {
        name[len(dotted) + 1 :].split(".")[0] for name in names if name.startswith(f"{dotted}.")
    }
    return (below & members(package)) - {member}


def test_every_package_lists_all_its_modules_once():
    """A module that nobody lists has no place in the flow; a listed one that is gone misleads."""
    for package in packages():
        names = listed(package)
        assert sorted(names) == sorted(members(package)), package


def test_modules_import_only_what_their_package_lists_before_them():
    """Reading the list is reading the flow of the data, and there is no circle."""
    for package in packages():
        names = listed(package)
        for place, name in enumerate(names):
            ahead = used_by(package, name) - set(names[:place])
            assert not ahead, f"{package.name}.{name} imports {ahead}, which come later"


def test_each_library_has_its_home_and_none_talks_to_a_network():
    """Who wants to know where click or weasyprint is used looks in one place."""
    for path in modules():
        own = path.relative_to(PACKAGE).with_suffix("").parts[0]
        for name in imported(path):
            root = name.split(".")[0]
            assert own in HOME_OF.get(root, {own}), f"{root} is imported in {path}"
            assert name not in FORBIDDEN, f"{name} in {path} can reach a network"
            assert root not in FORBIDDEN, f"{root} in {path} can reach a network"


def test_git_and_archives_know_nothing_of_what_uses_them():
    """An object reader that knows no secrets can be read, tested and used by itself."""
    for room in ("archives", "git"):
        for path in (PACKAGE / room).glob("*.py"):
            ours = {name.split(".")[1] for name in imported(path) if name.startswith("analyzer.")}
            assert ours <= {room, "errors", "files", "forks", "globs", "display"}, path


def test_no_module_is_called_by_an_empty_word():
    """A file is named for what it holds."""
    assert not {path.stem for path in modules()} & EMPTY_WORDS


def test_no_two_public_classes_share_a_name():
    """One word for one thing: who searches for a class finds it, and nothing else."""
    homes: dict[str, list[Path]] = {}
    for path in modules():
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(path)
    assert not {name: paths for name, paths in homes.items() if len(paths) > 1}
