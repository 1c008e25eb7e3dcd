"""Which commit introduced a sighting, and which sightings are one credential.

merge           sightings merged into credentials, each with all its places
object_paths    a path of objects that no commit introduced
introduced_by   what objects hold, at every path, with the commit that introduced it
"""
