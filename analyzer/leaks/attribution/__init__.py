"""Sightings to credentials, and who brought them in.

merge           sightings to credentials, each once with all its places
introduced_by   the commit that brought each blob in
"""
