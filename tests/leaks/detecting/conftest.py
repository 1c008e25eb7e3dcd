"""In: nothing. Out: the folder above on the path, so that the tests here find the material."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
