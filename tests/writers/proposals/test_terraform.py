"""HCL that holds what it should and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from analyzer.writers.proposals.terraform import Reference, label_of, quote_hcl, resource_block


def test_templates_and_quotes_in_a_text_stay_text():
    """`${…}` in a policy is a variable of IAM; in HCL it would be an expression."""
    assert quote_hcl('a"${aws:username}%{if}\\') == '"a\\"$${aws:username}%%{if}\\\\"'


@given(st.text())
def test_a_text_stands_on_one_line_in_ascii_between_two_quotes(text):
    """No name of an export ends the string or begins a template."""
    quoted = quote_hcl(text)
    inner = quoted[1:-1].replace("\\\\", "").replace('\\"', "").replace("$${", "")
    inner = inner.replace("%%{", "")
    assert quoted.isascii()
    assert quoted.isprintable()
    assert not {'"', "${", "%{"} & {each for each in ('"', "${", "%{") if each in inner}


def test_labels_are_words_and_no_two_are_the_same():
    """Two groups whose names differ in signs alone are two resources."""
    used: set[str] = set()
    assert [label_of(name, used=used) for name in ("a-b", "a.b", "7", "ü")] == [
        "a_b",
        "a_b_2",
        "n_7",
        "unnamed",
    ]


def test_a_block_lines_up_its_arguments_as_terraform_fmt_does():
    """So that formatting it changes nothing."""
    block = resource_block("aws_iam_x", "y", {"name": "a", "groups": ["b", "c"]})
    assert block == 'resource "aws_iam_x" "y" {\n  name   = "a"\n  groups = ["b", "c"]\n}'


def test_a_map_and_a_reference_are_written_as_hcl_has_them():
    """Keys are texts, too; an attribute of another block is none."""
    made = Reference("aws_iam_x.z", "name")
    block = resource_block("aws_iam_x", "y", {"tags": {"${a}": 'b"'}, "role": made, "all": [made]})
    assert 'tags = { "$${a}" = "b\\"" }' in block
    assert "role = aws_iam_x.z.name" in block
    assert "all  = [aws_iam_x.z.name]" in block
