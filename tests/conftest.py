"""In: nothing. Out: settings that every test shares."""

from hypothesis import settings

# How long an example takes says something of the machine, and nothing of the rule that is held.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")
