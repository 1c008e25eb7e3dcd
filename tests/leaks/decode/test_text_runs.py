"""In: mails and documents that cut words. Out: the proof that what they cut is joined."""

import quopri
from itertools import pairwise

import pytest

from analyzer.leaks.decode.text_runs import join_edits
from analyzer.leaks.detect.detector import scan_bytes
from tests.archives.archive_material import a_zip
from tests.leaks.detect.hostile_material import HOSTILE_RUNS
from tests.leaks.leak_material import digest, key_id, secret

PAIR = {(key_id(), digest())}
CUTS = (1, 2, 3, 4, 7, 19)


def pairs(data: bytes) -> set[tuple[str | None, str | None]]:
    """The IDs with their secrets."""
    return {(each.key_id, each.digest) for each in scan_bytes(data).sightings}


def cut(value: str, *places: int) -> list[str]:
    """A value in pieces."""
    borders = [0, *places, len(value)]
    return [value[begin:end] for begin, end in pairwise(borders)]


def word(runs: list[str]) -> str:
    """A paragraph of Word: each run has its own looks, and the spelling is marked."""
    looks = '<w:rPr><w:rFonts w:ascii="Courier New"/><w:b/><w:lang w:val="en-US"/></w:rPr>'
    inner = '<w:proofErr w:type="spellEnd"/>'.join(
        f'<w:r w:rsidR="00A1B2C3">{looks}<w:t xml:space="preserve">{run}</w:t></w:r>'
        for run in runs
    )
    return f"<w:p><w:pPr><w:jc/></w:pPr>{inner}</w:p>"


def slide(runs: list[str]) -> str:
    """A paragraph of PowerPoint."""
    inner = "".join(f'<a:r><a:rPr lang="de" dirty="0"/><a:t>{run}</a:t></a:r>' for run in runs)
    return f'<a:p>{inner}<a:endParaRPr lang="de"/></a:p>'


def writer(runs: list[str]) -> str:
    """A paragraph of LibreOffice."""
    inner = "".join(
        f'<text:span text:style-name="T{n}">{run}</text:span>' for n, run in enumerate(runs)
    )
    return f'<text:p text:style-name="P1">{inner}</text:p>'


def shared(runs: list[str]) -> str:
    """A string of Excel with several typefaces."""
    return "<si>" + "".join(f"<r><rPr><b/></rPr><t>{run}</t></r>" for run in runs) + "</si>"


def page(runs: list[str]) -> str:
    """A paragraph of HTML."""
    return "<p>" + "<wbr>".join(f'<span class="hl">{run}</span>' for run in runs) + "</p>"


DOCUMENTS = {
    "docx": ("word/document.xml", word),
    "pptx": ("ppt/slides/slide1.xml", slide),
    "odt": ("content.xml", writer),
    "xlsx": ("xl/sharedStrings.xml", shared),
    "html": ("index.html", page),
}


@pytest.mark.parametrize(("name", "write"), DOCUMENTS.values(), ids=DOCUMENTS)
@pytest.mark.parametrize("place", CUTS)
def test_a_pair_in_several_runs_is_found(name, write, place):
    """Wherever the editor cuts both values; two paragraphs stay two."""
    text = (
        "<?xml version='1.0'?><doc>"
        + write(["Access key: "])
        + write(cut(key_id(), place))
        + write(["Secret access key: ", *cut(secret(), place, 21, 33)])
        + "</doc>"
    )
    assert pairs(a_zip({"[Content_Types].xml": b"<Types/>", name: text.encode()})) == PAIR
    assert pairs(text.encode()) == PAIR


@pytest.mark.parametrize("between", [
    "</w:t></w:r></w:p><w:p><w:r><w:t>", "</w:t><w:tab/><w:t>", "</td><td>", "</si><si>", "<br>",
    "</c><c>", "</li><li>", "</id><secret>", "</string><string>",
])  # fmt: skip
def test_two_values_are_not_joined(between):
    """What ends a paragraph, a cell or a field ends a word."""
    assert not list(join_edits(f"<x>{key_id()}{between}{secret()}</x>"))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("place", CUTS)
def test_a_pair_in_quoted_printable_is_found(place, end):
    """A mail breaks its lines by = and writes = as =3D."""
    before = "x" * (75 - place - 1)
    text = (
        f"{before} {key_id()[:place]}={end}{key_id()[place:]}{end}"
        f"aws_secret_access_key=3D{secret()[:20]}={end}{secret()[20:]}{end}"
    )
    assert pairs(text.encode()) == PAIR


@pytest.mark.parametrize("shift", range(0, 76, 7))
def test_a_mail_as_the_library_writes_it_is_read(shift):
    """Wherever its lines are broken; the header stands far above."""
    text = f"Hi,\n{'y' * shift} AWS_ACCESS_KEY_ID={key_id()} AWS_SECRET_ACCESS_KEY={secret()} bye\n"
    assert pairs(b"Subject: a\n\n" + b"-\n" * 50 + quopri.encodestring(text.encode())) == PAIR


def test_base64_is_not_taken_for_quoted_printable():
    """Its padding at the end of a line breaks none."""
    line = "QUJD" * 18
    assert not list(join_edits(f"{line}QQ==\nnext=\n\n{line}\n"))
    assert not list(join_edits("A=20\nB=\nC=41\n"))


@pytest.mark.parametrize("part", HOSTILE_RUNS)
def test_hostile_markup_hides_nothing_behind_it(part):
    """It is read to its end, in time that `tests/benchmarks/hostile_text.py` measures."""
    text = f"=3D{part * (100_000 // len(part))}\n\nid: {key_id()}\nsecret_key: {secret()}\n"
    assert pairs(text.encode()) >= PAIR
