"""A text, and the same text after each encoding is removed.

runs                where long runs of an alphabet stand
charsets            bytes to texts: UTF-8, UTF-16, UTF-32, Latin-1
edits               replacements that keep the line of what they replace
windows             the parts of a long text that are worth decoding
terminal_codes      colours and moves of a terminal
text_runs           words that a mail or a document has cut
escapes             backslash, percent and entity escapes, terminal codes
closing_quotes      where a string possibly goes on in another one
concatenation       strings put together from pieces
number_lists        lists of bytes and of character codes
dumps               hex dumps, and all lists
encodings           base64, hexadecimal, dumps and lists
embedded_archives   archives in base64
layers              all of them, until nothing changes
"""
