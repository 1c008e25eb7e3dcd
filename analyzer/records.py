"""In: a class with annotations. Out: the dataclass that it is, with methods made when first used.

The standard library compiles six methods for every frozen dataclass. That would be a fifth of the
time of a small scan, which makes things of half of the classes that it loads and compares few.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

_FLAG_FOR = {"__init__": "init", "__repr__": "repr", "__eq__": "eq", "__hash__": "eq"}
"""By the name of a method, what asks the standard library for it."""


def _dataclass(*, frozen: bool = False, eq: bool = True, **flags: bool) -> Callable[[type], type]:
    """As `dataclasses.dataclass`, for a class that inherits nothing."""
    wanted = {"init": True, "repr": True, "eq": eq, **flags}

    def convert(plain: type) -> type:
        none = dict.fromkeys(_FLAG_FOR.values(), False)
        made: type = dataclasses.dataclass(**(flags | none))(plain)
        for name in (name for name, flag in _FLAG_FOR.items() if wanted[flag]):
            setattr(made, name, _method_made_later(made, name, frozen=frozen))
        if frozen:
            for name, method in _METHODS_OF_FROZEN.items():
                setattr(made, name, method)
        elif eq:
            made.__hash__ = None  # type: ignore[assignment]  # what changes is no key
        return made

    return convert


def _method_made_later(made: type, name: str, *, frozen: bool) -> Callable[..., object]:
    """Stands in for the method until it is called; then the class has the method itself."""

    def make_and_call(*arguments: object, **named: object) -> object:
        method = _make_method(made, name, frozen=frozen)
        setattr(made, name, method)
        return method(*arguments, **named)

    return make_and_call


def _make_method(made: Any, name: str, *, frozen: bool) -> Callable[..., object]:  # noqa: ANN401 - any class
    """The method that the standard library makes for a class with the same fields."""
    fields = {each.name: each for each in dataclasses.fields(made)}
    body = {
        "__module__": made.__module__,
        "__qualname__": made.__qualname__,
        "__doc__": "Nobody reads it; without one, the library would take time to write it.",
        "__annotations__": {each.name: each.type for each in fields.values()},
        **fields,
    }
    flags = dict.fromkeys(_FLAG_FOR.values(), False) | {_FLAG_FOR[name]: True}
    same: type = dataclasses.dataclass(frozen=frozen, **flags)(type(made.__name__, (), body))
    method: Callable[..., object] = same.__dict__[name]
    return method


def _refuse_to_set(_: object, name: str, __: object) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(_: object, name: str) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _values(self: Any) -> list[object]:  # noqa: ANN401 - any dataclass
    """What is pickled of a frozen one, which has its values set in another way than by name."""
    return [getattr(self, each.name) for each in dataclasses.fields(self)]


def _set_values(self: Any, values: list[object]) -> None:  # noqa: ANN401 - any dataclass
    for each, value in zip(dataclasses.fields(self), values, strict=True):
        object.__setattr__(self, each.name, value)


_METHODS_OF_FROZEN = {
    "__setattr__": _refuse_to_set,
    "__delattr__": _refuse_to_delete,
    "__getstate__": _values,
    "__setstate__": _set_values,
}

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _dataclass
