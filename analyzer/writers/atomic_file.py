"""In: a report's bytes and its path. Out: the file, whole or not at all."""

import os
import tempfile
from pathlib import Path

from analyzer.errors import OutputError


def write(path: Path, data: bytes) -> None:
    """Write atomically and readable for the owner alone; a killed run leaves the last report.

    A device or a pipe, such as /dev/null, is written to and stays what it is. Raises OutputError.
    """
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            path.write_bytes(data)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)  # mkstemp makes it 0600
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise OutputError(error.strerror or "can't be written", where=str(path)) from None
