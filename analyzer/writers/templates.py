"""In: nothing. Out: the folder that holds the templates of the pages and of the export script."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def template_root() -> Traversable:
    """The folder of templates: inside the installed package, else beside it in the checkout."""
    shipped = files("analyzer") / "templates"
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "templates"
