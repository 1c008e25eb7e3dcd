"""In: what went wrong, where, and the way out. Out: one sentence a person can act on.

Every module may import this one; it imports none of them. Only `analyzer.cli` turns an error
into text on a terminal and into an exit code.
"""


class CredauditError(Exception):
    """Something the person who started the run can mend.

    `where` names the file, the option or the repository; `way_out` says what to do about it.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        """Place, fault and remedy in one line, as far as each is known."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        return f"{head}. {self.remedy}" if self.remedy else head


class ConfigurationError(CredauditError):
    """An option, a configuration file or an exceptions file can't be used (exit code 2)."""


class EvidenceError(CredauditError):
    """An input can't be read, or is not what it must be to serve as evidence (exit code 3)."""


class OutputError(CredauditError):
    """A report could not be written (exit code 3)."""
