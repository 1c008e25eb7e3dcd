"""In: the profile that was chosen. Out: settings for a test of a property.

`ci` is the default and small; `nightly` tries ten times as many examples of everything, and `slice`
a tenth: on the newest Python it is the interpreter that is tried. Choose with
`--hypothesis-profile`. A test takes the profile's number as it is, or a share of it: less where an
example is dear, more where it is cheap.
"""

from typing import Any

from hypothesis import settings

_EXAMPLES = {"slice": 10, "ci": 100, "nightly": 1000}


def register_profiles() -> None:
    """Make all profiles known, and `ci` the one that counts until another is chosen."""
    for name, number in _EXAMPLES.items():
        # How long an example takes says something of the machine, and nothing of the rule.
        settings.register_profile(name, deadline=None, max_examples=number)
    settings.load_profile("ci")


def examples(share: float = 1, **more: Any) -> settings:
    """Settings with this share of the profile's number of examples; `more` goes to `settings`."""
    return settings(max_examples=max(1, round(settings().max_examples * share)), **more)
