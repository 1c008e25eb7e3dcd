"""In: some content. Out: whether it begins, or ends, as an archive or a compressed file may.

This is asked of nearly every file and object, so no library is loaded and nothing is unpacked.
"""

from typing import TypeAlias

Packed: TypeAlias = bytes | memoryview

BLOCK = 512
"""Bytes by which a format is recognised: the first block of a tar archive; others need fewer."""
ZIP_FILE, ZIP_END = b"PK\x03\x04", b"PK\x05\x06"
ZIP_LISTED, ZIP64_LOCATOR = b"PK\x01\x02", b"PK\x06\x07"
ZIP_TAIL = 22
ZIP64_TAIL = 20
GZIP, BZIP2, XZ, ZSTANDARD = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0", b"(\xb5/\xfd"
ZLIB = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")
LZMA = b"]\0\0"
"""How a file of lzma begins, by its usual settings; the format came before that of xz."""
NO_CONTENT = tuple(bytes([code]) + b"*M\x18" for code in range(0x50, 0x60))
"""How the skippable frames of zstandard begin: they hold no content, and may come first."""
BUNDLE = b"# v"
"""How a git bundle begins, though a text may as well."""
PACK = b"PACK\0\0\0"
"""How a pack of git begins: a file with many or all objects of a repository."""
AR = b"!<arch>\n"
"""How an ar archive begins: a Debian package, a static library."""
SQLITE = b"SQLite format 3\0"
"""How a SQLite database begins: its tables are opened like the files of an archive."""
UNSUPPORTED = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"xar!": "a xar archive",
    b"MSCF": "a cabinet file",
    b"\x04\x22\x4d\x18": "compressed by LZ4",
    b"\x1f\x9d": "compressed by compress",
    b"LZIP": "compressed by lzip",
    b"\x89LZO\0\r\n\x1a\n": "compressed by lzop",
    b"\xff\x06\0\0sNaPpY": "compressed by Snappy",
    b"\xed\xab\xee\xdb": "an RPM package",
    b"hsqs": "a SquashFS image",
    b"MSWIM\0\0\0": "a WIM image",
    b"7\x7f\x06\x82": "a write-ahead log of SQLite",
    b"7\x7f\x06\x83": "a write-ahead log of SQLite",
    b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7": "a rollback journal of SQLite",
}
"""Formats that are recognised and reported, but not opened."""
MAGIC = (
    ZIP_FILE,
    ZIP_END,
    BUNDLE,
    PACK,
    AR,
    SQLITE,
    *UNSUPPORTED,
    GZIP,
    BZIP2,
    XZ,
    ZSTANDARD,
    LZMA,
    *ZLIB,
    *NO_CONTENT,
)
"""How each format begins but tar, whose signature stands further in."""
LONGEST_COMMENT = 65_535
"""Bytes of the longest comment of a zip archive, which stands behind its end record."""
_LONGEST_END = ZIP_TAIL + LONGEST_COMMENT
_RARE_BYTE = b"\x05"
"""A byte of `ZIP_END` that stands in no text."""
_TAR = b"ustar"
_TAR_AT = 257
# By the value of a byte, whether a signature may begin with it: any of `MAGIC`, tar's, `ZIP_END`.
_BEGINS_MAGIC, _BEGINS_TAR, _BEGINS_ZIP_END = (
    bytes(code in codes for code in range(256))
    for codes in ({magic[0] for magic in MAGIC}, b"u", b"P")
)


def looks_like_archive(data: Packed) -> bool:
    """Whether content may be an archive or compressed; if False, it is none that can be opened."""
    # To test single bytes first is the fastest way.
    length = len(data)
    if not (
        (length and _BEGINS_MAGIC[data[0]])
        or (length > _TAR_AT and _BEGINS_TAR[data[_TAR_AT]])
        or (length >= ZIP_TAIL and (_BEGINS_ZIP_END[data[-ZIP_TAIL]] or _may_have_zip_end(data)))
    ):
        return False
    head = bytes(data[:BLOCK])
    return head.startswith(MAGIC) or has_tar_magic(head) or ends_as_zip(data)


def _may_have_zip_end(data: Packed) -> bool:
    """Whether the end record of a zip archive may be in the last 64 KB.

    Its signature has a byte that no text has. Looking for one byte takes next to no time; looking
    for the four of the signature in every text would take half as long as the whole scan.
    """
    tail = data if isinstance(data, bytes) else bytes(data[-_LONGEST_END:])
    last = tail.rfind(_RARE_BYTE, -_LONGEST_END)
    return last >= 0 and tail.rfind(ZIP_END, -_LONGEST_END, last + 2) >= 0


def ends_as_zip(data: Packed) -> bool:
    """Whether content ends with the end record of a zip archive, whatever it begins with."""
    return data[-ZIP_TAIL : 4 - ZIP_TAIL] == ZIP_END or zip_end(data) is not None


def zip_end(data: Packed) -> int | None:
    """Where the end record of a zip archive begins, after which only its comment may follow.

    Its signature also occurs in programs that read zip archives, and in comments: so a place counts
    only where the list of files ends right before it.
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
    """Whether the signature of a tar archive stands in the first block."""
    return head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR
