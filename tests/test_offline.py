"""The program opens no socket and starts no program: proven, not promised.

Only `--repo` starts git. When the PDF library is loaded, Python's own ctypes asks the system's
linker where the libraries lie.
"""

import subprocess
import sys

GUARD = """
import sys

LOADERS = {"ldconfig", "gcc", "cc", "ld", "objdump"}  # Python's ctypes.util.find_library

def guard(event, arguments):
    if event.split(".")[0] in {"socket", "urllib", "http", "ftplib", "smtplib"}:
        raise RuntimeError(f"network: {event} {arguments}")
    starts = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"}
    if event in starts and str(*arguments[:1]).rpartition("/")[2] not in LOADERS:
        raise RuntimeError(f"program: {event} {arguments}")

sys.addaudithook(guard)
sys.argv = ["credaudit", "demo", "-o", sys.argv[1]]
from analyzer.cli import main
main()
"""


def test_a_whole_audit_opens_no_socket_and_starts_no_program(tmp_path):
    """Every format, under an audit hook that ends the run at the first attempt."""
    ended = subprocess.run(
        [sys.executable, "-c", GUARD, str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "report.html", "report.pdf", "report.json", "findings.csv", "population.csv",
    }  # fmt: skip
