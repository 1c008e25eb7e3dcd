"""In: lines. Out: our detector as plugins of detect-secrets, and its own plugins for our scan.

`detect-secrets scan -p …/analyzer/leaks/detect_secrets.py` finds what `credaudit scan` finds on
plain lines. The only module that imports detect_secrets, which is slow to load.
"""

import re
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.potential_secret import PotentialSecret
from detect_secrets.filters import heuristic
from detect_secrets.plugins.base import BasePlugin, RegexBasedDetector
from detect_secrets.settings import get_plugins, transient_settings
from detect_secrets.util.code_snippet import CodeSnippet, get_code_snippet

from analyzer.files import Skipped
from analyzer.leaks.detect.registry import Candidate, find_candidates
from analyzer.leaks.detect.sightings import secret_digest
from analyzer.leaks.model import ClaimedFacts, CredentialKind, CredentialPart, Sighting

LONGEST = 20_000
"""Characters of the longest line given to the other plugins, whose patterns can be slow."""
# Our detector finds more kinds and fewer fakes; and an IP address is no secret.
_LEFT_OUT = frozenset({"AWSKeyDetector", "IPPublicDetector"})


class _AwsPlugin(RegexBasedDetector):
    """A plugin of detect-secrets that finds some parts of credentials; it has to be a subclass.

    It derives from the regex-based kind: the values of any other go through a filter for IDs, which
    drops `aws_access_key_id = …`.
    """

    denylist: tuple[re.Pattern[str], ...] = ()
    parts: frozenset[CredentialPart] = frozenset()

    def analyze_string(self, string: str) -> Generator[str, None, None]:
        """Every value in one line, without the lines around it."""
        yield from self._values([string], 0)

    def analyze_line(
        self,
        filename: str,
        line: str,
        line_number: int = 0,
        context: CodeSnippet | None = None,
        **_: Any,  # noqa: ANN401 - whatever a later version hands over
    ) -> set[PotentialSecret]:
        """The values in one line, given the lines around it. Nothing is verified."""
        lines, index = ([line], 0) if context is None else (context.lines, context.target_index)
        return {
            PotentialSecret(self.secret_type, filename, value, line_number)
            for value in self._values(lines, index)
        }

    def _values(self, lines: list[str], index: int) -> Iterator[str]:
        text = "\n".join(line.rstrip("\r\n") for line in lines)
        begin = sum(len(line.rstrip("\r\n")) + 1 for line in lines[:index])
        end = begin + len(lines[index])
        candidates = find_candidates(text)
        has_id = any(each.part is CredentialPart.ID for each in candidates)
        for each in candidates:
            if begin <= each.start < end and self._is_reported(each, has_id=has_id):
                yield each.value

    def _is_reported(self, candidate: Candidate, *, has_id: bool) -> bool:
        """A secret without a name is reported only near a key ID, and a doubtful value never."""
        is_certain = candidate.stands_alone or has_id
        return candidate.part in self.parts and is_certain and candidate.doubt is None


class AwsKeyIdDetector(_AwsPlugin):
    """Finds key IDs that AWS can have issued, not all that have the prefix."""

    secret_type = "AWS key ID (credaudit)"  # noqa: S105 - the name of a kind
    parts = frozenset({CredentialPart.ID})


class AwsSecretDetector(_AwsPlugin):
    """Finds secret access keys: by the name of a variable, or near a key ID."""

    secret_type = "AWS secret key (credaudit)"  # noqa: S105 - likewise
    parts = frozenset({CredentialPart.SECRET})


class AwsTokenDetector(_AwsPlugin):
    """Finds what gives access by itself: API keys, passwords, tokens, presigned URLs."""

    secret_type = "AWS token or password (credaudit)"  # noqa: S105 - likewise
    parts = frozenset({CredentialPart.WHOLE})


@dataclass(frozen=True, slots=True)
class PluginResult:
    """What the plugins found in one text, and the lines that were too long for them."""

    sightings: tuple[Sighting, ...] = ()
    skipped: tuple[Skipped, ...] = ()


class DetectSecretsPlugins:
    """The plugins of detect-secrets with their settings; made by `load_plugins`."""

    def __init__(self, plugins: list[BasePlugin]) -> None:
        self._plugins = plugins

    def scan(self, text: str, name: str, known: Collection[Sighting] = ()) -> PluginResult:
        """What they find in the text of a file of that name, except values that are `known`.

        A lock file or a Swagger file is not scanned: detect-secrets itself leaves them out.
        """
        if heuristic.is_swagger_file(name) or heuristic.is_lock_file(name):
            return PluginResult()
        known_digests = {each.digest for each in known} | {
            secret_digest(each.key_id or "") for each in known
        }
        lines = text.split("\n")
        found: dict[tuple[int, str], Sighting] = {}
        skipped = []
        for number, line in enumerate(lines, start=1):
            if len(line) > LONGEST:
                reason = "a line too long for the plugins of detect-secrets"
                skipped.append(Skipped(f"{name}:{number}", reason, len(line), is_gap=False))
                continue
            for secret in self._secrets_in(line.rstrip(), name, number, lines):
                digest = secret_digest(secret.secret_value or "")
                # Several plugins can find one value; the first of them names it.
                if digest not in known_digests:
                    found.setdefault((number, digest), _to_sighting(secret, number, digest))
        return PluginResult(tuple(found.values()), tuple(skipped))

    def _secrets_in(
        self, line: str, name: str, number: int, lines: list[str]
    ) -> Iterator[PotentialSecret]:
        if not line or heuristic.is_indirect_reference(line):
            return
        context = get_code_snippet(lines, number)
        for plugin in self._plugins:
            secrets = plugin.analyze_line(
                filename=name, line=line, line_number=number, context=context
            )
            for secret in sorted(secrets, key=lambda each: each.secret_value or ""):
                if not _is_harmless(secret.secret_value or "", line, plugin):
                    yield secret


@contextmanager
def load_plugins() -> Iterator[DetectSecretsPlugins]:
    """Loads the plugins of detect-secrets, without those that our detector replaces.

    Settings of detect-secrets belong to the whole process and end with the block: one block at a
    time, in one thread. Its filter for verification is left out, so no plugin calls a server.
    """
    classes: Iterable[type[BasePlugin]] = get_mapping_from_secret_type_to_class().values()
    names = sorted(each.__name__ for each in classes)
    wanted = [{"name": name} for name in names if name not in _LEFT_OUT]
    with transient_settings({"plugins_used": wanted, "filters_used": []}):
        yield DetectSecretsPlugins(list(get_plugins()))


def _is_harmless(value: str, line: str, plugin: BasePlugin) -> bool:
    """Whether one of the filters of detect-secrets takes the value for no secret."""
    return (
        not value
        or heuristic.is_sequential_string(value)
        or heuristic.is_potential_uuid(value)
        or heuristic.is_likely_id_string(value, line, plugin)
        or heuristic.is_templated_secret(value)
        or heuristic.is_prefixed_with_dollar_sign(value)
        or heuristic.is_not_alphanumeric_string(value)
    )


def _to_sighting(secret: PotentialSecret, line: int, digest: str) -> Sighting:
    claims = ClaimedFacts(label=secret.type)
    return Sighting(CredentialKind.OTHER, line, CredentialPart.WHOLE, digest=digest, claims=claims)
