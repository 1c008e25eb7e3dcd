"""In: a source of chance. Out: words, names, digests and IDs, the same for the same source."""

import base64
import random
import re
from uuid import UUID

Draw = random.Random
WORDS = re.findall(
    r"\w+",
    """
the a of to and in is that for with as on be by this from are at or an it not which when if
has one may each its value field object method request response client server file folder
path user group role policy resource region account service call result error message name
list item default option version change release table column row index time date number
state update delete create read write open close start stop test case example code module
class function type string byte array map set key token secret cache log line text page
""",
)


def word(draw: Draw) -> str:
    """One word of prose; three in a hundred and thirty are key, token or secret."""
    return draw.choice(WORDS)


def sentence(draw: Draw) -> str:
    """Words up to a full stop."""
    return " ".join(word(draw) for _ in range(draw.randint(6, 18))).capitalize() + "."


def identifier(draw: Draw) -> str:
    """A name in code, as in JavaScript or Java."""
    return word(draw) + "".join(word(draw).capitalize() for _ in range(draw.randint(0, 3)))


def snake(draw: Draw) -> str:
    """A name in code, as in Python."""
    return "_".join(word(draw) for _ in range(draw.randint(1, 3)))


def digits_of_base_16(draw: Draw, size: int) -> str:
    """A digest."""
    return f"{draw.getrandbits(4 * size):0{size}x}"


def in_base64(draw: Draw, size: int) -> str:
    """Random bytes in base64."""
    return base64.b64encode(draw.randbytes(size)).decode()


def uuid(draw: Draw) -> str:
    """A random UUID."""
    return str(UUID(int=draw.getrandbits(128), version=4))


def package(draw: Draw) -> str:
    """The name of a package; some name what they are for."""
    return f"{word(draw)}-{draw.choice(('core', 'secret', 'aws', 'kit', 'key', 'js'))}"


def version(draw: Draw) -> str:
    """Three numbers."""
    return f"{draw.randint(0, 9)}.{draw.randint(0, 40)}.{draw.randint(0, 20)}"
