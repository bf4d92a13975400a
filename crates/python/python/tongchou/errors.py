"""What goes wrong: each error says what is wrong, where, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence


@dataclass(frozen=True)
class Finding:
    """Something found in a table or a file."""

    severity: str
    """``error``, ``warning`` or ``note``."""
    code: str
    """A stable word for the kind of finding, as ``bad-date``."""
    place: str
    """Where, as people are told: ``table:3:2`` is the second column of the third row."""
    row: int | None
    """Row of a table, from 0; line of a file, from 0; none when it is about the whole."""
    column: int | None
    """Column, from 0."""
    message: str
    """What is wrong."""
    cure: str
    """What to do about it."""

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}[{self.code}]: {self.message}\n  = {self.cure}"


class Error(Exception):
    """Whatever Tongchou refuses."""


class UsageError(Error, ValueError):
    """What is asked for is not there, or cannot be asked so."""

    def __init__(self, message: str, cure: str) -> None:
        super().__init__(message, cure)
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}\n  = {self.cure}"


class _Found(Error, ValueError):
    _SHOWN = 20

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings)
        self.findings = list(findings)

    def __str__(self) -> str:
        shown = [str(finding) for finding in self.findings[: self._SHOWN]]
        left = len(self.findings) - len(shown)
        if left > 0:
            shown.append(f"… {left} more in .findings")
        return "\n".join(shown)


class PolicyError(_Found):
    """The policy files are at fault; ``findings`` has all that is."""


class BillsError(_Found):
    """The bills are at fault; ``findings`` has all that is."""


class Refused(Error):
    """The terms do not decide a bill."""

    def __init__(self, code: str, message: str, cure: str) -> None:
        super().__init__(code, message, cure)
        self.code = code
        self.message = message
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.message}\n  = {self.cure}"
