"""In: nothing; the public names of the template machinery. Out: `render`, `template_root`.

The machinery itself stands in `drawing`, which sorts before the formats that are built on it.
"""

from analyzer.collect import template_root
from analyzer.writers.drawing import render

__all__ = ["render", "template_root"]
