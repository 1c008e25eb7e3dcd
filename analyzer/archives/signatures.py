"""In: some content. Out: whether it begins, or ends, as an archive or a compressed file may.

Nearly everything is asked this question, so nothing is loaded and nothing unpacked to answer it.
"""

from typing import TypeAlias

Packed: TypeAlias = bytes | memoryview

BLOCK = 512
"""Bytes by which content is told: the first block of a tar archive, more than any other needs."""
ZIP_FILE, ZIP_END = b"PK\x03\x04", b"PK\x05\x06"
ZIP_LISTED, ZIP64_LOCATOR = b"PK\x01\x02", b"PK\x06\x07"
ZIP_TAIL = 22
ZIP64_TAIL = 20
GZIP, BZIP2, XZ, ZSTANDARD = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0", b"(\xb5/\xfd"
ZLIB = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
NO_CONTENT = tuple(bytes([code]) + b"*M\x18" for code in range(0x50, 0x60))
"""How frames of zstandard begin that hold none, and which may stand before those that do."""
BUNDLE = b"# v"
"""How a git bundle begins, and a few texts."""
PACK = b"PACK\0\0\0"
"""How the packs of git begin: each has the objects of a repository, or many of them."""
STRANGE = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"xar!": "a xar archive",
    b"!<arch>\n": "an ar archive, such as a Debian package",
    b"MSCF": "a cabinet file",
    b"\x04\x22\x4d\x18": "compressed by LZ4",
    b"\x1f\x9d": "compressed by compress",
    b"LZIP": "compressed by lzip",
}
"""What is told and not opened."""
MAGIC = (ZIP_FILE, ZIP_END, BUNDLE, PACK, *STRANGE, GZIP, BZIP2, XZ, ZSTANDARD, *ZLIB, *NO_CONTENT)
"""How everything begins but tar archives, which have their word elsewhere."""
_LONGEST_END = ZIP_TAIL + 65_535
"""Bytes of the longest end of a zip archive: it may have a comment of 64 KB."""
_SELDOM = b"\x05"
_TAR = b"ustar"
_TAR_AT = 257
# Flags by value of a byte: of the first, of that in which the word of a tar archive begins, and of
# that in which the end of a zip archive begins.
_FIRST, _U, _P = (
    bytes(code in codes for code in range(256))
    for codes in ({magic[0] for magic in MAGIC}, b"u", b"P")
)


def looks_like_archive(data: Packed) -> bool:
    """Whether it looks like an archive from outside; what does not, is none that can be opened."""
    # Single bytes are the fastest answer there is.
    length = len(data)
    if not (
        (length and _FIRST[data[0]])
        or (length > _TAR_AT and _U[data[_TAR_AT]])
        or (length >= ZIP_TAIL and (_P[data[-ZIP_TAIL]] or _looks_like_end_of_zip(data)))
    ):
        return False
    head = bytes(data[:BLOCK])
    return head.startswith(MAGIC) or has_tar_magic(head) or ends_as_zip(data)


def _looks_like_end_of_zip(data: Packed) -> bool:
    """Whether the end of a zip archive stands where it may.

    The word for it has a byte that no text has, nor a comment that is one: so the last of these
    bytes in a file is in the end of the archive. To find one byte takes no time; to look for four
    in each file would take half as long as to look for everything else.
    """
    tail = data if isinstance(data, bytes) else bytes(data[-_LONGEST_END:])
    last = tail.rfind(_SELDOM, -_LONGEST_END)
    return last >= 0 and ZIP_END in tail[max(last - ZIP_TAIL, 0) : last + len(ZIP_END)]


def ends_as_zip(data: Packed) -> bool:
    """Whether the end of a zip archive stands where it may, whatever stands before the archive."""
    return data[-ZIP_TAIL : 4 - ZIP_TAIL] == ZIP_END or zip_end(data) is not None


def zip_end(data: Packed) -> int | None:
    """Where the end of a zip archive stands behind which no more than its comment follows.

    Programs that read zip archives have its word too, and a comment may have it: so the list of
    files must end there.
    """
    tail = bytes(data[-_LONGEST_END:])
    found = tail.rfind(ZIP_END)
    while found >= 0:
        end = len(data) - len(tail) + found
        begin = end - int.from_bytes(tail[found + 12 : found + 16], "little")
        longer = end - ZIP64_TAIL
        if (begin >= 0 and data[begin : begin + 4] == ZIP_LISTED) or (
            longer >= 0 and data[longer : longer + 4] == ZIP64_LOCATOR
        ):
            return end
        found = tail.rfind(ZIP_END, 0, found + 3)
    return None


def has_tar_magic(head: bytes) -> bool:
    """Whether the word of a tar archive stands in the first block."""
    return head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR
