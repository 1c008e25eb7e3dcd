"""In: what went wrong, where, and what to do about it. Out: a sentence to act on.

Every module may import this one; it imports none of them. Only `analyzer.cli` turns an error
into text on a terminal and into an exit code.
"""


class CredauditError(Exception):
    """Something that the person who started the run can put right.

    `what` is the fault, `where` the file, option or repository, `remedy` what to do about it.
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
