"""In: a text. Out: what commands printed, where it was copied from a terminal with its prompts."""

import re
from collections.abc import Iterator

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
_FENCE = re.compile(r"\s*(?:```|~~~)\w*\s*")
_AROUND = re.compile(r"Script (?:started|done)\b.*|\(END\)|\.\.\.skipping\.\.\.")
_COMMAND = re.compile(
    r"\b(?:aws(?:\.exe)?\s|(?:Get|Request)-IAM|ConvertTo-Json|cat\s|type\s|base64\b)"
)
_LONGEST_PROMPT = 4000
_CONTINUES = ("\\", "`", "^", "|")


def printed_by_commands(text: str) -> tuple[str, ...] | None:
    """The output of each command, none of it empty; None where the text is no terminal's copy.

    A copy has a prompt with a command, a prompt with nothing behind it, or the fences of a ticket
    around the output.
    """
    lines = _ESCAPES.sub("", text).replace("\r\n", "\n").split("\n")
    if not any(_is_mark(line) for line in lines):
        return None
    return tuple(each for each in _outputs(lines) if each.strip())


def _is_mark(line: str) -> bool:
    found = _PROMPT.fullmatch(line) if len(line) <= _LONGEST_PROMPT else None
    if found is None:
        return bool(_FENCE.fullmatch(line))
    command = found["command"]
    return not command or bool(_COMMAND.search(command))


def _outputs(lines: list[str]) -> Iterator[str]:
    """The lines between prompts. A command goes on where its line ends in a mark that says so."""
    output: list[str] = []
    continues = False
    for line in lines:
        short = line if len(line) <= _LONGEST_PROMPT else ""
        is_prompt = bool(short) and bool(_PROMPT.fullmatch(short) or _FENCE.fullmatch(short))
        if is_prompt or continues:
            yield "\n".join(output)
            output = []
            continues = line.rstrip().endswith(_CONTINUES)
        elif not _AROUND.fullmatch(short.strip()):
            output.append(line)
    yield "\n".join(output)
