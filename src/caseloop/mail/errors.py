"""What can be wrong with writing, sending or reading mail, in sentences that say what to do."""

from __future__ import annotations


class MailError(Exception):
    """Something about mail was refused; nothing was changed."""


class TooLate(MailError):
    """The mail is on its way or gone; it cannot be taken back."""
