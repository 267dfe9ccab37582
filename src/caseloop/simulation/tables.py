"""Do Caseloop's tables keep what only they can tell: nothing forgotten, nothing lost without a word? (P4, P5)

Asked once a day of the simulation, in a fixed number of queries.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from caseloop.simulation.files import CaseFile
from caseloop.simulation.mail_server import MailServer
from caseloop.simulation.promises import PromiseBroken
from caseloop.simulation.registry import Registry

STUCK_AFTER = timedelta(hours=1)
FORGOTTEN = """
    SELECT e.case_id FROM followups_enrolment e JOIN cases_case c ON c.id = e.case_id
      LEFT JOIN cases_casereview r ON r.case_id = e.case_id
     WHERE e.state = 'running' AND e.started_at < %(since)s
       AND (r.case_id IS NULL OR r.review_at IS NULL AND r.lease IS NULL OR r.review_at < %(since)s)
       AND NOT EXISTS (SELECT 1 FROM followups_suggestedaction a
                        WHERE a.case_id = e.case_id AND a.state IN ('proposed', 'approved'))
       AND NOT EXISTS (SELECT 1 FROM mail_maildoubt d WHERE d.case_id = e.case_id AND d.answer = '')
       AND EXISTS (SELECT 1 FROM administration_globalsettings g WHERE g.is_on AND g.stopped_at IS NULL)
     ORDER BY e.case_id"""
DROPPED = """
    SELECT c.id FROM cases_case c
      JOIN LATERAL (SELECT e.* FROM followups_enrolment e WHERE e.case_id = c.id ORDER BY e.started_at DESC LIMIT 1) e
           ON e.state = 'ended' AND e.end_reason IN ('answered', 'undeliverable', 'gone', 'refused', 'wrong_person',
              'untrusted_answer', 'too_many_deferrals', 'limit_reached', 'no_address', 'away')
           AND e.ended_at < %(since)s
     WHERE c.status = 'active'
       AND NOT EXISTS (SELECT 1 FROM followups_suggestedaction a
                        WHERE a.case_id = c.id AND coalesce(a.decided_at, 'infinity') >= e.ended_at)
       AND NOT EXISTS (SELECT 1 FROM cases_activity y WHERE y.case_id = c.id AND y.kind = 'phone_call'
                          AND y.occurred_at BETWEEN e.started_at AND e.ended_at)
     ORDER BY c.id"""
"""What a person wrote down of a call needs no card: whoever wrote it knows."""
STUCK = """
    SELECT m.case_id, m.state FROM mail_message m
     WHERE m.direction = 'out' AND m.state = 'sending' AND m.claimed_at < %(since)s
     ORDER BY m.case_id"""
UNTOLD = """
    SELECT m.case_id, m.state FROM mail_message m JOIN cases_case c ON c.id = m.case_id
     WHERE m.direction = 'out' AND m.origin = 'person' AND m.state IN ('refused', 'unconfirmed')
       AND m.claimed_at < %(since)s AND c.status = 'active'
       AND NOT EXISTS (SELECT 1 FROM followups_suggestedaction a
                        WHERE a.case_id = m.case_id AND a.created_at > m.approved_at)
       AND NOT EXISTS (SELECT 1 FROM mail_message l WHERE l.case_id = m.case_id AND l.occurred_at > m.approved_at
                          AND l.id <> m.id AND l.origin = 'person')
       AND NOT (m.state = 'unconfirmed' AND m.approved_at IS NOT NULL)
     ORDER BY m.case_id"""
UNREAD = """
    SELECT count(*) FROM mail_inboundmail WHERE state = 'unreadable' OR (state = 'stored' AND fetched_at < %(since)s)"""
SENT = "SELECT case_id, message_id FROM mail_message WHERE direction = 'out' AND state = 'sent' ORDER BY id"
FAILED = "SELECT case_id, last_error FROM cases_casereview WHERE last_error <> '' ORDER BY case_id"


@dataclass(slots=True)
class Tables:
    """`look(now)` raises `PromiseBroken`."""

    server: MailServer
    registry: Registry
    checked: Counter[str] = field(default_factory=Counter)

    def look(self, now: datetime) -> None:
        """Everything that a day can have left behind."""
        since = {"since": now - STUCK_AFTER}
        self._none("P5", FORGOTTEN, since, "its series waits for no date and stands in nobody's list")
        self._none("P5", DROPPED, since, "its series ended, and nobody was told")
        self._none("P4", STUCK, since, "a mail has been on its way for more than an hour")
        self._none("P4", UNTOLD, since, "a mail by hand did not go, and nobody was told")
        self._none("P5", FAILED, since, "the case cannot be reviewed")
        for case_id, message_id in self._rows(SENT, {}):
            self.checked["P4"] += 1
            if message_id not in self.server.copies:
                raise PromiseBroken("P4", "a mail counts as sent that the mail server never took", self._file(case_id))
        ((unread,),) = self._rows(UNREAD, since)
        if unread:
            raise PromiseBroken("P2", f"{unread} mails that came in could not be processed", None)

    def letters_are_kept(self) -> None:
        """At the end: whatever a reading was offered is in the database (spec 4.4)."""
        kept = {message_id for (message_id,) in self._rows("SELECT message_id FROM mail_message", {})}
        for letter in self.server.letters.values():
            if letter.is_human and letter.offered_at is not None:
                self.checked["P2"] += 1
                if letter.message_id not in kept:
                    raise PromiseBroken("P2", f"a mail that {letter.means.value} was read and is gone", letter.file)

    def _none(self, promise: str, sql: str, params: Mapping[str, Any], what: str) -> None:
        self.checked[promise] += 1
        for case_id, *more in self._rows(sql, params):
            said = f" ({', '.join(map(str, more))})" if more else ""
            raise PromiseBroken(promise, what + said, self._file(case_id))

    def _file(self, case_id: int) -> CaseFile | None:
        return self.registry.of_case(case_id)

    def _rows(self, sql: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            return list(cursor.fetchall())
