"""In: a PDF as bytes. Out: the text of its pages."""

import pypdfium2


def read_pages(document: bytes) -> list[str]:
    """The text of each page in the order of reading, line breaks and blanks as single blanks."""
    with pypdfium2.PdfDocument(document) as opened:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in iter(opened)]
