"""Who reads a mailbox? One reader at a time, by a lease with a fencing number that grows with every new holder.

A reader that was thought dead and comes back carries an old number: nothing it writes about the mailbox is taken.
Leases run on true time, never on the demo's clock, which jumps.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

SECONDS = 60


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to read one mailbox and to write down how far it was read."""

    mailbox_id: int
    reader: uuid.UUID
    fencing: int


def take(mailbox_id: int, reader: uuid.UUID, seconds: int = SECONDS) -> Lease | None:
    """The lease, new or made longer; None while another reader holds it or the mailbox is switched off."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE mail_mailbox
               SET fencing = CASE WHEN reader = %(reader)s THEN fencing ELSE fencing + 1 END,
                   reader = %(reader)s, reader_until = clock_timestamp() + make_interval(secs => %(seconds)s)
             WHERE id = %(id)s AND is_on
               AND (reader IS NULL OR reader = %(reader)s OR reader_until < clock_timestamp())
            RETURNING fencing""",
            {"id": mailbox_id, "reader": reader, "seconds": seconds},
        )
        row = cursor.fetchone()
    return Lease(mailbox_id, reader, row[0]) if row else None


def give_back(mailbox_id: int, reader: uuid.UUID) -> None:
    """Another reader may begin at once, if this one had the mailbox."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mail_mailbox SET reader = NULL, reader_until = NULL WHERE id = %s AND reader = %s",
            [mailbox_id, reader],
        )


def note_folder(lease: Lease, folder_id: int, uidvalidity: int, last_uid: int, renumbered_to: int) -> bool:
    """Everything in the folder up to this mark is stored. False, and no change, when the lease is another's now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH mine AS (
                 SELECT id FROM mail_mailbox WHERE id = %(mailbox)s AND reader = %(reader)s AND fencing = %(fencing)s
                    FOR SHARE)
            UPDATE mail_mailfolder f
               SET uidvalidity = %(uidvalidity)s, last_uid = %(uid)s, renumbered_to = %(renumbered_to)s
              FROM mine WHERE f.mailbox_id = mine.id AND f.id = %(folder)s""",
            {
                "mailbox": lease.mailbox_id,
                "reader": lease.reader,
                "fencing": lease.fencing,
                "folder": folder_id,
                "uidvalidity": uidvalidity,
                "uid": last_uid,
                "renumbered_to": renumbered_to,
            },
        )
        return bool(cursor.rowcount)


def note_read_through(lease: Lease, asked_at: datetime) -> bool:
    """All watched folders answered a question put after `asked_at`, and what they hold is stored (spec 3.3 a).

    Whoever wanted to know by then is answered too. False when the lease is another's now.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE mail_mailbox
               SET read_through_at = greatest(read_through_at, %(at)s), reading_error = '',
                   read_wanted_at = CASE WHEN read_wanted_at <= %(at)s THEN NULL ELSE read_wanted_at END
             WHERE id = %(mailbox)s AND reader = %(reader)s AND fencing = %(fencing)s""",
            {"at": asked_at, "mailbox": lease.mailbox_id, "reader": lease.reader, "fencing": lease.fencing},
        )
        return bool(cursor.rowcount)


def note_problem(lease: Lease, sentence: str) -> bool:
    """Why the mailbox cannot be read; `read_through_at` stays where it was, so nothing is proven."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE mail_mailbox SET reading_error = %s WHERE id = %s AND reader = %s AND fencing = %s",
            [sentence[:500], lease.mailbox_id, lease.reader, lease.fencing],
        )
        return bool(cursor.rowcount)
