"""In: a JSON Web Token. Out: its header, its claims, and when it expires, read without a key."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analyzer.leaks.detect.values import decode_base64_text, time_from_epoch

SIGNED_JSON = (
    r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,2048}+\.eyJ[A-Za-z0-9_-]{2,8192}+"
    r"\.[A-Za-z0-9_-]{20,2048}+"
)
"""A signed token as RFC 7519 writes it: three parts of Base64, of which two are JSON objects."""


@dataclass(frozen=True, slots=True)
class JsonWebToken:
    """What a token says, which anybody can have written: its signature was not checked."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def audiences(self) -> tuple[str, ...]:
        """Those it is meant for."""
        audience = self.claims.get("aud")
        listed = audience if isinstance(audience, list) else [audience]
        return tuple(each for each in listed if isinstance(each, str))

    @property
    def expires(self) -> datetime | None:
        """When it ends, in UTC; None where it does not say."""
        end = self.claims.get("exp")
        # What JSON takes for a number can be infinite, or none: then its text is no whole number.
        return time_from_epoch(str(end).partition(".")[0]) if isinstance(end, int | float) else None

    def text(self, name: str) -> str | None:
        """The claim of that name; None where it is missing or no text."""
        value = self.claims.get(name)
        return value if isinstance(value, str) and value else None


def read_json_web_token(token: str) -> JsonWebToken | None:
    """The token's parts; None where the first two are not JSON objects."""
    header, claims = (_read_object(part) for part in [*token.split("."), "", ""][:2])
    return JsonWebToken(header, claims) if header is not None and claims is not None else None


def _read_object(part: str) -> Mapping[str, Any] | None:
    try:
        decoded = json.loads((decode_base64_text(part) or "").encode("latin-1"))
    except (ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None
