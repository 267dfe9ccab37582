"""How does a worker run that waits a quarter of a second where a real one waits minutes?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from caseloop.config.worker import Pace
from caseloop.mail.connections import imap_settings, smtp_settings
from caseloop.mail.imap import ImapReader
from caseloop.mail.models import Mailbox
from caseloop.mail.smtp import SmtpConnection

PATIENCE = 0.25
PACE = Pace(
    idle=0.05,
    look_for_mailboxes_every=0.5,
    recover_every=0.5,
    beat_every=0.5,
    database_again_after=0.05,
    readers_end_within=2.0,
)


def way_out(**times: float) -> Callable[[Mailbox], SmtpConnection]:
    """The mailbox's way out with other times than usual (of `SmtpSettings`, in seconds). Shorten only what is to run
    out: on a busy machine a short time may run out where nothing hangs."""
    return lambda mailbox: SmtpConnection(replace(smtp_settings(mailbox), **times))  # type: ignore[arg-type]


def way_in(mailbox: Mailbox) -> ImapReader:
    """The mailbox's way in, for somebody in a hurry."""
    return ImapReader(replace(imap_settings(mailbox), timeout=PATIENCE))
