"""Who had an automatic mail lately? One for each address in 24 hours, over all cases (spec 3.12)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import connection

from caseloop.mail.due import DueMail


def taken(addresses: Iterable[str]) -> dict[str, tuple[datetime, int]]:
    """When each of these addresses last had an automatic mail, and which.

    A mail that never left after all (dropped, or refused by the server) has given its slot back.
    """
    wanted = list(addresses)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.address, s.taken_at, s.message_id FROM followups_contactslot s
             WHERE s.address = ANY(%s)
               AND NOT EXISTS (SELECT 1 FROM mail_message m
                                WHERE m.id = s.message_id AND m.state IN ('discarded', 'refused'))""",
            [wanted],
        )
        return {address: (taken_at, message_id) for address, taken_at, message_id in cursor.fetchall()}


def take(mails: Sequence[DueMail], hours: int, now: datetime) -> set[int]:
    """Take the slots of all recipients of each mail, or none of them, in the order of the mails.

    Returns the mails that may go. To be called in the transaction of the claim: until it ends nobody else can take a
    slot of these addresses.
    """
    people = {mail.pk: _recipients(mail) for mail in mails}
    addresses = sorted({address for recipients in people.values() for address in recipients})
    if hours == 0 or not addresses:
        return set(people)
    _one_at_a_time(addresses)
    since = now - timedelta(hours=hours)
    holders = {address: holder for address, (taken_at, holder) in taken(addresses).items() if taken_at > since}
    granted: set[int] = set()
    newly: dict[str, int] = {}
    for mail in mails:
        if all(holders.get(address, mail.pk) == mail.pk for address in people[mail.pk]):
            granted.add(mail.pk)
            taking = dict.fromkeys(people[mail.pk], mail.pk)
            newly |= taking
            holders |= taking
    _write(newly, now)
    return granted


def _recipients(mail: DueMail) -> list[str]:
    return sorted({address.lower() for address in [*mail.to_addresses, *mail.cc_addresses]})


def _one_at_a_time(addresses: Sequence[str]) -> None:
    """Locks for the rest of the transaction, in one order, so that two claims never wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT hashtextextended(address, 312) AS key"
            " FROM unnest(%s::text[]) AS address ORDER BY key OFFSET 0) AS keys",
            [list(addresses)],
        )


def _write(newly: dict[str, int], now: datetime) -> None:
    if not newly:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO followups_contactslot (address, taken_at, message_id)
            SELECT address, %s, message FROM unnest(%s::text[], %s::bigint[]) AS n(address, message) ORDER BY address
            ON CONFLICT (address) DO UPDATE SET taken_at = excluded.taken_at, message_id = excluded.message_id""",
            [now, list(newly), list(newly.values())],
        )
