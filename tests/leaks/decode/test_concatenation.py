"""Literals that a program puts together are read as one."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analyzer.leaks.decode.closing_quotes import closing_quotes
from analyzer.leaks.decode.concatenation import (
    CONCATENATION,
    JOINTS,
    Joint,
    concatenation_edits,
    regex_of,
)
from tests.leaks.decode.encoded_material import KEY, SECRET, found, line_of, showing

A, B = KEY[:9], KEY[9:]
JOINED = {
    "Python +": f'key = "{A}" + "{B}"',
    "Python side by side": f"key = '{A}' '{B}'",
    "Python raw and bytes": f"key = b'{A}' + b'{B}'",
    "Python in brackets over lines": f'key = (\n    "{A}"\n    "{B}"\n)',
    "Python broken line": f'key = "{A}" \\\n    "{B}"',
    "Python +=": f'key = "{A}"\nkey += "{B}"',
    "Python join": f'key = "".join(["{A}", "{B}"])',
    "Python join over lines": f'key = "".join([\n    "{A}",\n    "{B}",\n])',
    "Python format": f'key = "{{}}{{}}".format("{A}", "{B}")',
    "Python %": f'key = "%s%s" % ("{A}", "{B}")',
    "JavaScript +": f"const key = '{A}' + '{B}';",
    "JavaScript template": f"const key = `{A}` + `{B}`;",
    "JavaScript + over lines": f"const key = '{A}' +\n  // the rest\n  '{B}';",
    "TypeScript array": f"const key: string = ['{A}', '{B}'].join('');",
    "JavaScript concat": f"const key = '{A}'.concat('{B}');",
    "Java +": f'String key = "{A}" + "{B}";',
    "Java append": f'key = new StringBuilder("{A}").append("{B}").toString();',
    "Java append to a name": f'key.append("{A}");\nkey.append("{B}");',
    "Java chain over lines": f'key.append("{A}")\n   .append("{B}");',
    "Java join": f'String key = String.join("", "{A}", "{B}");',
    "C# +": f'var key = "{A}" + "{B}";',
    "C# verbatim": f'var key = @"{A}" + @"{B}";',
    "C# Concat": f'var key = string.Concat("{A}", "{B}");',
    "Go +": f'key := "{A}" + "{B}"',
    "Go raw": f"key := `{A}` +\n\t`{B}`",
    "Go Join": f'key := strings.Join([]string{{"{A}", "{B}"}}, "")',
    "Go Sprintf": f'key := fmt.Sprintf("%s%s", "{A}", "{B}")',
    "PHP .": f"$key = '{A}' . '{B}';",
    "PHP . without blanks": f"$key = '{A}'.'{B}';",
    "PHP .=": f'$key = "{A}";\n$key .= "{B}";',
    "PHP implode": f"$key = implode('', ['{A}', '{B}']);",
    "PHP old array": f"$key = implode('', array('{A}', '{B}'));",
    "Perl .": f'my $key = "{A}" . "{B}";',
    "Perl join": f"my $key = join('', '{A}', '{B}');",
    "Ruby +": f"key = '{A}' + '{B}'",
    "Ruby <<": f"key = '{A}' << '{B}'",
    "Ruby side by side": f'key = "{A}" "{B}"',
    "Ruby join": f"key = ['{A}', '{B}'].join",
    "shell": f"KEY='{A}''{B}'",
    "shell mixed quotes": f"KEY='{A}'\"{B}\"",
    "shell without quotes": f'KEY={A}"{B}"',
    "shell +=": f'KEY="{A}"\nKEY+="{B}"',
    "PowerShell +": f"$key = '{A}' + '{B}'",
    "PowerShell broken line": f"$key = '{A}' + `\n  '{B}'",
    "PowerShell -join": f"$key = '{A}','{B}' -join ''",
    "PowerShell -f": f"$key = '{{0}}{{1}}' -f '{A}','{B}'",
    "Visual Basic &": f'key = "{A}" & "{B}"',
    "Visual Basic broken line": f'key = "{A}" & _\n    "{B}"',
    "C side by side": f'const char *key = "{A}" "{B}";',
    "C over lines": f'const char *key = "{A}"\n                  "{B}";',
    "C++ u8": f'auto key = u8"{A}" u8"{B}";',
    "SQL ||": f"SET key = '{A}' || '{B}';",
    "SQL CONCAT": f"SELECT CONCAT('{A}', '{B}');",
    "T-SQL +": f"SET @key = N'{A}' + N'{B}';",
    "Terraform join": f'key = join("", ["{A}", "{B}"])',
    "Terraform format": f'key = format("%s%s", "{A}", "{B}")',
    "CloudFormation Fn::Join": f'{{"Fn::Join": ["", ["{A}", "{B}"]]}}',
    "CloudFormation !Join in lines": f"Key: !Join\n  - ''\n  - - '{A}'\n    - '{B}'\n",
    "R paste0": f'key <- paste0("{A}", "{B}")',
    "Lua ..": f'local key = "{A}" .. "{B}"',
    "Haskell ++": f'key = "{A}" ++ "{B}"',
    "Kotlin plus": f'val key = "{A}".plus("{B}")',
    "Rust concat!": f'const KEY: &str = concat!("{A}", "{B}");',
}


@pytest.mark.parametrize("text", JOINED.values(), ids=JOINED)
def test_literals_put_together_are_read_as_one(text):
    """Each common language has its own way to hide a key from a search, and none helps."""
    assert CONCATENATION in showing(f"first line\n{text}\n").encodings


@pytest.mark.parametrize("size", [1, 3, 4, 7])
def test_many_small_literals_are_joined(size):
    """However small the pieces are."""
    pieces = [KEY[at : at + size] for at in range(0, len(KEY), size)]
    assert showing("x = " + " + ".join(f'"{each}"' for each in pieces))


def test_a_joined_value_keeps_its_name_and_its_line():
    """A secret is known by the name before it, and is found where its first piece stands."""
    text = (
        f'a = 1\nb = 2\nsecret_key = ("{SECRET[:20]}" +\n  "{SECRET[20:]}")\nc = 3\nd = "{KEY}"\n'
    )
    layer = showing(text, SECRET)
    assert f'secret_key = ("{SECRET}"' in layer.text
    assert line_of(text, SECRET) == 3
    assert layer.line_at(layer.text.index(KEY)) == 6


@pytest.mark.parametrize(
    "text",
    [
        f'names = ["{A}", "{B}"]',
        f'{{"first": "{A}", "second": "{B}"}}',
        f'{{"format": "{A}", "{B}": 1}}',
        f"array('format' => '{A}', '{B}' => 1)",
        f'"{A}"; other("{B}")',
        f'"{A}" == "{B}"',
    ],
)
def test_literals_that_only_stand_side_by_side_stay_apart(text):
    """A list, a comparison and two arguments are not put together by anybody."""
    assert not [layer for layer in found(text) if KEY in layer.text]


@pytest.mark.parametrize("joint", JOINTS, ids=lambda joint: joint.name)
def test_each_joint_joins_its_examples_and_no_other_joins_them(joint: Joint):
    """What stands beside the expression says what it is for, and nothing in it is dead."""
    assert joint.examples
    for text in joint.examples:
        matching = [each.name for each in JOINTS if re.search(regex_of(each), text)]
        assert matching == [joint.name], text


@pytest.mark.parametrize("text", ['AKI"A', "AK'IA", '/ab"C'])
def test_a_quote_within_a_run_joins_what_stands_on_its_sides(text):
    """A shell puts a quoted and an unquoted piece together."""
    [(start, end, put)] = concatenation_edits(text)
    assert (text[start:end] in {'"', "'"}, put) == (True, "")


def test_sixteen_comments_between_two_literals_are_skipped_and_seventeen_are_not():
    """Without a limit a text full of broken lines costs quadratic time."""
    assert concatenation_edits('"a" +\n' + "  # a\n" * 16 + '"b"')
    assert not concatenation_edits('"a" +\n' + "  # a\n" * 17 + '"b"')


@pytest.mark.parametrize("text", ['"a" _\n += "b"', '"a" `\n', '"a" +\n `\n c'])
def test_a_broken_line_is_neither_a_name_nor_a_quote(text):
    """Its mark is a letter of names in one language and a quote in another."""
    assert not concatenation_edits(text)


# What stands between literals, or looks as if it did.
PIECES = (
    *("'", '"', "`", '""', "a", "AB", "aB3", "\u00e9", " ", "\t", "\u00a0", "\u2003", "\x1c", "\n"),
    *("\r\n", "\\\n", "_\r\n", "`\n", "// one\n", "# \u00e9\n", "-- three\n", "#", "//"),
    *(
        ",",
        "-",
        "- ",
        "[",
        "({",
        ")",
        "+",
        "++",
        "..",
        ".",
        "&",
        "||",
        "|",
        "<>",
        "<<",
        "~",
        "^",
        ";",
    ),
    *(
        "=",
        "+=",
        ".=",
        "~=",
        "$key",
        "k.v",
        "@x",
        ".append",
        ".concat(",
        ".addAll (",
        ".write",
        "u8",
    ),
)
JOIN = re.compile(regex_of(*JOINTS))


@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
@example("'a', array('b'")
@example("'a'\n- 'b'")
@example("a'a''b'")
@example("'a'\u00a0+\u2003'b'")
@example('"a" // one\n"b"')
@example('`a`\n`\n # one\n"b"')
@example("'a'); \u00e9 .appended (u8'b'")
@example("'a'; \u00e9.v <<\n'b'")
def test_every_quote_behind_which_a_literal_goes_on_is_looked_at(text):
    """Whatever stands between, in ASCII or not: only at these quotes is any joint looked for."""
    wanted = {at for at in range(len(text)) if JOIN.match(text, at)}
    assert wanted <= set(closing_quotes(text))
