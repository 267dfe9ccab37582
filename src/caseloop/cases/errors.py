"""What can be wrong with a change to a case, in sentences that say what to do."""

from __future__ import annotations


class CaseError(Exception):
    """A change that was refused; nothing was changed."""


class CaseChangedMeanwhile(CaseError):
    """Somebody else saved the case after the page was loaded."""


class NotAllowed(CaseError):
    """This user may not do that."""


class CannotResolve(CaseError):
    """Something blocks the resolution; `blockers` says what, one sentence each."""

    def __init__(self, blockers: list[str]) -> None:
        self.blockers = blockers
        super().__init__("This case cannot be resolved: " + "; ".join(blockers) + ".")
