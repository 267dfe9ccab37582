"""Is it proven that the customer stayed silent? (spec 3.3, promises P2 and P3)"""

from __future__ import annotations

from datetime import datetime, timedelta

from caseloop.domain.actions import Proof, ProveSilence, Reason, Wait
from caseloop.domain.facts import Facts, MailboxState

PROOF_AT_MOST = timedelta(seconds=60)
ARRIVAL_AT_MOST = timedelta(hours=24)
PROCESSED_WITHIN = timedelta(seconds=5)


def prove(facts: Facts, deadline: datetime, now: datetime, step: int | None) -> Proof | ProveSilence | Wait:
    """The proof that holds at `now`, or what it takes to get one.

    Every mailbox of the thread must have answered after the deadline and within the last 60 s, with everything up to
    there stored and matched, and something must have come in lately: a dead way in looks like silence.
    """
    if any(mailbox.has_unprocessed for mailbox in facts.mailboxes):
        return Wait(until=now + PROCESSED_WITHIN, reason=Reason.UNPROCESSED_MAIL, step=step)
    off = [mailbox.address for mailbox in facts.mailboxes if not mailbox.is_on]
    if off or not facts.mailboxes:
        return Wait(until=None, reason=Reason.NO_PROOF, detail=", ".join(off) or "no mailbox", step=step)
    unread = [mailbox for mailbox in facts.mailboxes if not _is_read(mailbox, deadline, now)]
    dead = [mailbox for mailbox in facts.mailboxes if not _is_alive(mailbox, now)]
    if unread or dead:
        wanted = [mailbox for mailbox in facts.mailboxes if mailbox in unread or mailbox in dead]
        return ProveSilence(
            mailbox_ids=tuple(mailbox.mailbox_id for mailbox in wanted),
            deadline=deadline,
            probe_ids=tuple(mailbox.mailbox_id for mailbox in dead),
            reason=Reason.NO_PROOF,
            detail=", ".join(mailbox.address for mailbox in wanted),
            step=step,
        )
    read_through = [(mailbox.address, mailbox.read_through_at) for mailbox in facts.mailboxes]
    return Proof(deadline=deadline, read_through=tuple((box, at) for box, at in read_through if at is not None))


def _is_read(mailbox: MailboxState, deadline: datetime, now: datetime) -> bool:
    """A positive answer of the server that came after the deadline, at most 60 s ago (spec 3.3 a)."""
    read_at = mailbox.read_through_at
    return read_at is not None and read_at > deadline and read_at >= now - PROOF_AT_MOST


def _is_alive(mailbox: MailboxState, now: datetime) -> bool:
    """Mail from outside, or a probe of ours, came in lately (spec 3.3 d)."""
    arrived_at = mailbox.last_arrival_at
    return arrived_at is not None and arrived_at >= now - ARRIVAL_AT_MOST
