"""In: calls of the AWS CLI and their answers. Out: Pack, what the export script leaves."""

import hashlib
import json
import re
import shutil
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sample_reports.account_tables import AS_OF, Source, Table

Command = tuple[str, ...]

_CALLS_PER_SECOND = 3
_MADE_UP = "Made up for credaudit's samples: no such company, person or key exists."


@dataclass
class Pack:
    """The files and the record of calls that the export script leaves."""

    source: Source
    files: dict[str, str] = field(default_factory=dict)
    calls: list[Table] = field(default_factory=list)
    asked: int = 0

    def answer(self, file: str, command: Command, document: object) -> None:
        """A call that AWS answered; its answer is kept."""
        self.files[file] = json.dumps(document, indent=4, ensure_ascii=False) + "\n"
        self._record(file, command)

    def refusal(self, file: str, command: Command, error: str, outcome: str) -> None:
        """A call that AWS answered with an error: `none` where that says "there is none"."""
        code, _, message = error.partition(": ")
        operation = "".join(word.title() for word in command[1].split("-"))
        name = f"{file.removesuffix('.json')}.error.txt"
        said = f"An error occurred ({code}) when calling the {operation} operation: {message}"
        self.files[name] = f"{shown(command)}\n\n{said}\n"
        self._record(file, command, name, outcome)

    def ask(self, *command: str) -> None:
        """A call that only steers the script; its answer is not kept."""
        self._record(None, command)

    def write(self, folder: Path) -> None:
        """The files, pack.json and SHA256SUMS, in a folder that holds nothing else."""
        self.files["pack.json"] = self._manifest()
        names = sorted(self.files, key=lambda name: (name.endswith(".txt"), name))
        texts = {name: self.files[name].encode() for name in names}
        sums = "".join(f"{hashlib.sha256(texts[name]).hexdigest()}  {name}\n" for name in names)
        if folder.exists():
            shutil.rmtree(folder)
        for name, data in (*texts.items(), ("SHA256SUMS", sums.encode())):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)

    def _record(
        self,
        file: str | None,
        command: Command,
        error: str | None = None,
        outcome: str = "ok",
    ) -> None:
        call = {"file": file, "command": shown(command), "started": self._now()}
        self.calls.append(call | {"exit": 254 if error else 0, "outcome": outcome, "error": error})
        self.asked += 1

    def _now(self) -> str:
        seconds = self.asked // _CALLS_PER_SECOND - 20  # the report was made 20 s into the run
        return f"{AS_OF + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"

    def _manifest(self) -> str:
        lines = sorted(json.dumps(call, ensure_ascii=False) for call in self.calls)
        regions = json.dumps(list(self.source.part("regions")))
        calls = ",\n".join(f"    {line}" for line in lines)
        return (
            f'{{\n  "credaudit_pack": 1,\n  "account": "{self.source.id}",\n'
            f'  "started": "{min(call["started"] for call in self.calls)}",\n'
            f'  "finished": "{self._now()}",\n  "script": "credaudit 0.1.0",\n'
            f'  "cli": "aws-cli/2.31.6 Python/3.13.7 Linux/6.12.40 exec-env/CloudShell",\n'
            f'  "regions": {regions},\n  "notes": [\n    {json.dumps(_MADE_UP)}\n  ],\n'
            f'  "calls": [\n{calls}\n  ]\n}}\n'
        )


def shown(command: Command) -> str:
    """The command line as a person would type it."""
    plain = re.compile(r"[A-Za-z0-9_./:=@,+-]+")
    quoted = (word.replace("'", "'\\''") for word in command)
    return " ".join(("aws", *(each if plain.fullmatch(each) else f"'{each}'" for each in quoted)))


def merged(**names: str) -> str:
    """The query that adds names to an answer which lacks them."""
    members = ", ".join(f"credaudit_{key}: `{json.dumps(value)}`" for key, value in names.items())
    return f"merge({{{members}}}, @)"
