"""Stage 3: repositories become sightings, sightings become credentials."""
