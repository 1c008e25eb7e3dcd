"""How Sphinx builds the site: `make docs`. No web font, no script from elsewhere, no network."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from make_pages import write_pages  # noqa: E402 - the path to it is said above

from analyzer import __version__  # noqa: E402 - likewise

project = "credaudit"
author = "The credaudit maintainers"
version = release = __version__
extensions = ["myst_parser"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "credaudit"
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
nitpicky = True
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]

write_pages(HERE / "generated")
