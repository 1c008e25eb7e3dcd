"""In: one text. Out: the credentials in it, put together, as sightings without any value.

`marks` finds the values, family by family; `pairing` puts halves together and lets go of values.
"""
