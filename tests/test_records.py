"""Dataclasses whose methods come later behave as those of the standard library."""

import dataclasses
import pickle
from dataclasses import FrozenInstanceError, field, replace
from pathlib import Path

import pytest

import analyzer
from analyzer import records

PACKAGE = Path(analyzer.__file__).parent
FORMS = ({"frozen": True}, {"frozen": True, "eq": False}, {"frozen": True, "repr": False}, {})


def make(dataclass, **flags):
    """A class with fields of every sort that the package uses."""

    @dataclass(slots=True, **flags)
    class Thing:
        """A thing."""

        name: str
        value: str = field(repr=False)
        size: int = 0
        parts: list[str] = field(default_factory=list)
        note: str = field(default="", compare=False)

        @property
        def label(self) -> str:
            """Name and size."""
            return f"{self.name}:{self.size}"

    return Thing


@records.dataclass(frozen=True, slots=True)
class Sent:
    """What is handed to another process."""

    name: str
    sizes: tuple[int, ...] = ()


def outcome(call):
    """What a call gives, or the name and the sentence of what it raises."""
    try:
        return call()
    except Exception as fault:  # noqa: BLE001 - whatever it raises is compared
        return type(fault).__name__, str(fault)


@pytest.mark.parametrize("flags", FORMS, ids=str)
@pytest.mark.parametrize(
    "call",
    [
        lambda kind: repr(kind("a", "b", 3)).partition(" at 0x")[0],
        lambda kind: kind("a", "b", parts=["c"]).parts,
        lambda kind: kind("a", "b").parts is kind("a", "b").parts,
        lambda kind: kind("a"),
        lambda kind: kind("a", "b", more=1),
        lambda kind: kind("a", "b") == kind("a", "b", note="c"),
        lambda kind: kind("a", "b") == kind("a", "b", 1),
        lambda kind: kind("a", "b") == ("a", "b"),
        lambda kind: kind("a", "b").__eq__(1) is NotImplemented,
        lambda kind: hash(kind("a", "b", parts=())) == hash(kind("a", "b", parts=(), note="c")),
        lambda kind: hash(kind("a", "b")),
        lambda kind: kind.__hash__ is None,
        lambda kind: setattr(kind("a", "b"), "size", 1),
        lambda kind: delattr(kind("a", "b"), "size"),
        lambda kind: replace(kind("a", "b"), size=3).label,
        lambda kind: dataclasses.asdict(kind("a", "b")),
        lambda kind: kind.__match_args__,
        lambda kind: kind.__slots__,
        lambda kind: kind("a", "b", 1, ["c"], "d").note,
        lambda kind: kind("a", "b", parts=None).parts,
    ],
)
def test_it_does_what_a_dataclass_does(call, flags):
    """Made, shown, compared, hashed, changed: results and errors are the same, and so again."""
    if "eq" in flags:
        hash_of = outcome(lambda: isinstance(call(make(records.dataclass, **flags)), int))
        assert hash_of == outcome(
            lambda: isinstance(call(make(dataclasses.dataclass, **flags)), int)
        )
        return
    kind = make(records.dataclass, **flags)
    expected = outcome(lambda: call(make(dataclasses.dataclass, **flags)))
    assert outcome(lambda: call(kind)) == expected
    assert outcome(lambda: call(kind)) == expected


def test_a_frozen_one_goes_to_another_process_and_back():
    """Workers answer by pickle, which must not need to set what can't be set."""
    sent = Sent("a", (1, 2))
    assert pickle.loads(pickle.dumps(sent)) == sent  # noqa: S301 - of our own making
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'name'"):
        sent.name = "b"


def test_no_method_is_made_before_it_is_used():
    """That is all the sense of it."""
    kind = make(records.dataclass, frozen=True)
    before = kind.__init__
    kind("a", "b")
    assert kind.__init__ is not before
    assert kind.__init__.__qualname__ == f"{kind.__qualname__}.__init__"
    assert kind.__eq__.__module__ == records.__name__


def with_a_step(dataclass):
    """A class that wants something done when it is made."""

    @dataclass(slots=True)
    class Stepping:
        name: str

        def __post_init__(self) -> None:
            """Something."""

    return Stepping


def with_a_field(**options):
    """What makes a class with one field that is not as others are."""

    def define(dataclass):
        @dataclass(slots=True)
        class Odd:
            name: str = field(default="", **options)

        return Odd

    return define


@pytest.mark.parametrize(
    "define",
    [
        with_a_step,
        with_a_field(init=False),
        with_a_field(kw_only=True),
        lambda dataclass: dataclass(slots=False)(type("Loose", (), {})),
    ],
)
def test_what_it_can_not_do_is_refused_where_the_class_is_defined(define):
    """Nothing that somebody asks for is left out without a word."""
    define(dataclasses.dataclass)
    with pytest.raises(TypeError, match="is one for the standard library"):
        define(records.dataclass)


@pytest.mark.parametrize("place", ["archives", "git", "leaks", "files.py", "forks.py"])
def test_what_a_scan_loads_makes_its_dataclasses_so(place):
    """One that the standard library makes takes half a millisecond, whether it is used or not."""
    home = PACKAGE / place
    files = home.rglob("*.py") if home.is_dir() else [home]
    made = "from dataclasses import dataclass"
    assert not [each for each in files if made in each.read_text()]
