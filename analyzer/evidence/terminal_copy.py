"""In: a text copied from a terminal with its prompts. Out: the commands, and what each printed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ESCAPES = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[=>()][0-9A-B]?"
)
_PROMPT = re.compile(
    r"(?:\[[^\]\n]{1,80}\] ?[$#]"  # [cloudshell-user@ip-10-0-0-1 ~]$
    r"|(?:\([^)\n]{1,40}\) ?)?[\w.-]{1,40}@[\w.-]{1,80}[^$#%>\n]{0,80}[$#%]"  # ann@host:~$
    r"|PS [^>\n]{0,120}>"  # PS C:\Users\ann>
    r"|[A-Za-z]:\\[^>\n]{0,120}>"  # C:\Users\ann>
    r"|(?:~|bash-[0-9.]+|sh-[0-9.]+)? ?[$%]|>{1,2})"  # $ and the marks of a command's next line
    r"(?:[ \t]+(?P<command>.*))?\s*"
)
_GLUED = re.compile(
    r"(?<=N/A|:00)(?=(?:"
    r"\[[\w.-]{1,40}@[^\]\s]{1,80} [^\]\n]{1,60}\]|[\w.-]{1,40}@[\w.-]{1,80}:\S{1,80}?"
    r"|~ ?|bash-[0-9.]{1,9})[$#](?:\s|\Z))"
)
"""Where a prompt follows a credential report's last cell: AWS ends that text without a line end."""
_FENCE = re.compile(r"\s*(?:```|~~~)\w*\s*")
_AROUND = re.compile(r"Script (?:started|done)\b.*|\(END\)|\.\.\.skipping\.\.\.")
_COMMAND = re.compile(
    r"\b(?:aws(?:\.exe)?\s|(?:Get|Request)-IAM|ConvertTo-Json|cat\s|type\s|base64\b)"
)
_LONGEST_PROMPT = 4000
_CONTINUES = ("\\", "`", "^", "|")


@dataclass(frozen=True, slots=True)
class CommandOutput:
    """What stands between two prompts, and the command above it; "" where none is there."""

    command: str
    text: str


def printed_by_commands(text: str) -> tuple[CommandOutput, ...] | None:
    """The output of each command, none of it empty; None where the text is no terminal's copy.

    A copy has a prompt with a command, a prompt with nothing behind it, or the fences of a ticket
    around the output.
    """
    lines = _unglued(_ESCAPES.sub("", text).replace("\r\n", "\n").split("\n"))
    if not any(_is_mark(line) for line in lines):
        return None
    return tuple(each for each in _outputs(lines) if each.text.strip())


def _unglued(lines: list[str]) -> list[str]:
    """The lines, each prompt on one of its own."""
    return [
        part
        for line in lines
        for part in (_GLUED.split(line) if len(line) <= _LONGEST_PROMPT else (line,))
    ]


def _is_mark(line: str) -> bool:
    found = _PROMPT.fullmatch(line) if len(line) <= _LONGEST_PROMPT else None
    if found is None:
        return bool(_FENCE.fullmatch(line))
    command = found["command"]
    return not command or bool(_COMMAND.search(command))


def _outputs(lines: list[str]) -> Iterator[CommandOutput]:
    """The lines between prompts. A command goes on where its line ends in a mark that says so."""
    command: list[str] = []
    output: list[str] = []
    continues = False
    for line in lines:
        short = line if len(line) <= _LONGEST_PROMPT else ""
        prompt = _PROMPT.fullmatch(short) if short else None
        if continues or prompt or (short and _FENCE.fullmatch(short)):
            yield CommandOutput(" ".join(command), "\n".join(output))
            output = []
            typed = (prompt["command"] or "") if prompt else (short if continues else "")
            command = [*(command if continues else ()), typed.rstrip().rstrip("".join(_CONTINUES))]
            continues = line.rstrip().endswith(_CONTINUES)
        elif not _AROUND.fullmatch(short.strip()):
            output.append(line)
    yield CommandOutput(" ".join(command), "\n".join(output))
