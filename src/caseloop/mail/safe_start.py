"""Whom may mail reach before an administrator goes live? (spec 1.7)"""

from __future__ import annotations

from dataclasses import dataclass

from caseloop.administration.models import GlobalSettings
from caseloop.mail.due import DueMail

HELD = "Held: Caseloop is not live yet, and this mail has a recipient that is not on the list of safe addresses."


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom mail may go to now. Live: everybody."""

    is_live: bool
    safe: frozenset[str] = frozenset()
    redirect: str = ""

    @classmethod
    def of(cls, settings: GlobalSettings) -> Reach:
        """What the settings say."""
        safe = frozenset(address.strip().lower() for address in settings.safe_addresses)
        return cls(settings.is_live, safe, settings.safe_redirect.strip().lower())

    @property
    def is_limited_to_safe(self) -> bool:
        """Mail to anybody else is held, not lost: it goes out when Caseloop goes live."""
        return not self.is_live and not self.redirect

    @property
    def note(self) -> str:
        """What the mail log says of a mail that went elsewhere."""
        return f"Safe start: sent to {self.redirect} instead. " if not self.is_live and self.redirect else ""

    def envelope(self, mail: DueMail) -> list[str]:
        """Whom the mail server is told to deliver to; the header keeps naming those it is meant for."""
        if not self.is_live and self.redirect:
            return [self.redirect]
        return list(dict.fromkeys((*mail.to_addresses, *mail.cc_addresses)))
