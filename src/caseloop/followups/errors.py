"""What can be wrong with a rule, a series or an approval, in sentences that say what to do."""

from __future__ import annotations


class FollowUpError(Exception):
    """A change that was refused; nothing was changed."""


class RuleError(FollowUpError):
    """A rule that cannot be saved or activated; `field` names where, if it is one place."""

    def __init__(self, message: str, field: str = "") -> None:
        self.field = field
        super().__init__(message)


class CustomerWroteMeanwhile(FollowUpError):
    """The customer's mail came in while the draft was open; a follow-up may not go out now."""
