"""In: the bytes of an ar archive: a Debian package, a static library. Out: the files in it.

Format: the manual page ar(5) of BSD, and "ar" in GNU binutils.
"""

from collections.abc import Iterator

from analyzer.archives.decompress import DamagedError
from analyzer.archives.signatures import AR
from analyzer.archives.zip_reader import ArchiveEntry

_HEAD = 60
_NAME, _SIZE, _END = slice(0, 16), slice(48, 58), slice(58, 60)
_LONG_NAMES = b"//"
_SYMBOLS = (b"/", b"/SYM64/", b"__.SYMDEF", b"__.SYMDEF SORTED")
_BSD = b"#1/"


def read_ar(data: memoryview) -> Iterator[ArchiveEntry]:
    """Every file as it is stored; raises DamagedError where no head stands, or the end is missing.

    The table of symbols comes as a file too: it may hold anything.
    """
    at, long_names = len(AR), b""
    while at + _HEAD <= len(data):
        head = bytes(data[at : at + _HEAD])
        digits = head[_SIZE].strip()
        if head[_END] != b"`\n" or not digits.isdigit():
            raise DamagedError("damaged: no head where the next file should begin")
        size, at = int(digits), at + _HEAD
        content = data[at : at + size]
        name = head[_NAME].rstrip()
        if name == _LONG_NAMES:
            long_names = bytes(content)
        elif name.startswith(_BSD) and name[len(_BSD) :].isdigit():
            length = int(name[len(_BSD) :])
            name, content = bytes(content[:length]).rstrip(b"\0"), content[length:]
        elif name[1:].isdigit() and name.startswith(b"/"):
            begin = int(name[1:])
            name = long_names[begin : begin + 4096].partition(b"/\n")[0]
        if name not in _SYMBOLS:
            name = name.removesuffix(b"/")
        yield ArchiveEntry(name.decode("utf-8", "backslashreplace"), content, size)
        at += size + size % 2
    if at < len(data) or at > len(data) + 1:
        raise DamagedError("damaged: ends too early")
