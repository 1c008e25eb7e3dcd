"""In: a class with annotations. Out: the dataclass that it is, with methods made when first used.

The standard library compiles six methods for every frozen dataclass. That would be a fifth of the
time of a small scan, which makes things of half of the classes that it loads and compares few.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING
from typing import TYPE_CHECKING, Any

__all__ = ["dataclass"]

_FLAG_FOR = {"__repr__": "repr", "__eq__": "eq", "__hash__": "unsafe_hash"}
"""By the name of a method, what asks the standard library for it."""
_NONE_OF_THEM = {"init": False, "repr": False, "eq": False}
_OMITTED = object()


def _dataclass(
    *,
    slots: bool,
    frozen: bool = False,
    eq: bool = True,
    repr: bool = True,  # noqa: A002 - as there
) -> Callable[[type], type]:
    """As `dataclasses.dataclass`, for a class that inherits nothing.

    Raises TypeError for what no class here has: no slots, fields that are not in the signature or
    only by name, and `__post_init__`.
    """
    wanted = {"__init__": True, "__repr__": repr, "__eq__": eq, "__hash__": eq and frozen}

    def convert(plain: type) -> type:
        made: Any = dataclasses.dataclass(slots=slots, **_NONE_OF_THEM)(plain)
        is_simple = all(each.init and not each.kw_only for each in dataclasses.fields(made))
        if not (slots and is_simple) or hasattr(made, "__post_init__"):
            raise TypeError(f"{plain.__qualname__} is one for the standard library")
        for name in (name for name, is_wanted in wanted.items() if is_wanted):
            setattr(made, name, _method_made_later(made, name))
        if frozen:
            for name, method in _METHODS_OF_FROZEN.items():
                setattr(made, name, method)
        elif eq:
            made.__hash__ = None  # what changes is no key
        return made  # type: ignore[no-any-return]  # the class

    return convert


def _method_made_later(made: type, name: str) -> Callable[..., object]:
    """Stands in for the method until it is called; then the class has the method itself."""

    def make_and_call(*arguments: object, **named: object) -> object:
        method = _make_init(made) if name == "__init__" else _make_other(made, name)
        setattr(made, name, method)
        return method(*arguments, **named)

    return make_and_call


def _make_init(made: Any) -> Callable[..., object]:  # noqa: ANN401 - any class
    """Sets each field by its slot, which takes less time than by its name."""
    known: dict[str, Any] = {"_OMITTED": _OMITTED}
    parameters, steps = ["self"], []
    for each in dataclasses.fields(made):
        name = value = each.name
        known[f"_set_{name}"] = getattr(made, name).__set__
        if each.default is not MISSING:
            known[f"_default_{name}"] = each.default
            parameters.append(f"{name}=_default_{name}")
        elif each.default_factory is not MISSING:
            known[f"_make_{name}"] = each.default_factory
            parameters.append(f"{name}=_OMITTED")
            value = f"_make_{name}() if {name} is _OMITTED else {name}"
        else:
            parameters.append(name)
        steps.append(f"    _set_{name}(self, {value})\n")
    exec(f"def __init__({', '.join(parameters)}):\n{''.join(steps)}", known)  # noqa: S102 - our own
    method: Callable[..., object] = known["__init__"]
    method.__qualname__ = f"{made.__qualname__}.__init__"
    return method


def _make_other(made: Any, name: str) -> Callable[..., object]:  # noqa: ANN401 - any class
    """The method that the standard library makes for a class with the same fields."""
    fields = {each.name: each for each in dataclasses.fields(made)}
    body = {
        "__module__": made.__module__,
        "__qualname__": made.__qualname__,
        "__doc__": "Nobody reads it; without one, the library would take time to write it.",
        "__annotations__": {each.name: each.type for each in fields.values()},
        **fields,
    }
    flags = _NONE_OF_THEM | {_FLAG_FOR[name]: True}
    same: type = dataclasses.dataclass(**flags)(type(made.__name__, (), body))
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
