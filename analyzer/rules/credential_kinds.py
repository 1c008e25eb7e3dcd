"""In: credential_kinds.toml. Out: what each kind of credential is, opens, and asks for."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

from analyzer.leaks.model import CredentialKind


@dataclass(frozen=True, slots=True)
class CredentialProse:
    """The prose about one kind; `page` is where AWS writes about it."""

    title: str
    why: str
    fix: str
    page: str


def credential_prose() -> Mapping[CredentialKind, CredentialProse]:
    """One for each kind, in their order."""
    text = files("analyzer.rules").joinpath("credential_kinds.toml").read_text(encoding="utf-8")
    read = tomllib.loads(text)
    return MappingProxyType({kind: CredentialProse(**read[kind.value]) for kind in CredentialKind})
