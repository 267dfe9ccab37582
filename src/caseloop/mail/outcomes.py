"""What does a hand-over's outcome mean for the mail, for its recipients, and for the next try?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from caseloop.cases.models import ContactAddress
from caseloop.domain.lifecycle import MESSAGE, MessageEvent, MessageState, move
from caseloop.mail.due import DueMail
from caseloop.mail.hand_over import Accepted, HandOver, Refused, Reply, TryAgain, Unconfirmed
from caseloop.mail.models.message import Bounce
from caseloop.mail.recording import Result

GIVE_UP_AFTER = timedelta(days=2)
LONGEST_WAIT = timedelta(hours=4)
NO_SUCH_ADDRESS = re.compile(r"5\.1\.(?:1|2|3|6|10)\b")
"""Enhanced status codes that speak of the address itself (RFC 3463 3.2, RFC 7505), not of policy or size."""


def result_of(mail: DueMail, outcome: HandOver, at: datetime, note: str = "") -> Result:
    """What is recorded of this mail; `at` is when the server answered, or the line was lost."""
    match outcome:
        case Accepted(reply=reply, refused_recipients=refused):
            bounce = _bounce(mail, refused)
            return _result(mail, MessageEvent.ACCEPTED, f"{note}{reply}", refused, sent_at=at, bounce=bounce)
        case Refused(code=code, text=text, refused_recipients=refused):
            return _result(mail, MessageEvent.REFUSED, f"{code} {text}", refused)
        case Unconfirmed(why=why):
            return _result(mail, MessageEvent.LINE_LOST, why, {}, doubted_at=at)
        case TryAgain(code=code, text=text, refused_recipients=refused):
            said = f"{code} {text}" if code else text
            if not outcome.is_about_the_server and at - (mail.approved_at or at) > GIVE_UP_AFTER:
                return _result(mail, MessageEvent.REFUSED, f"Given up after two days: {said}", refused)
            result = _result(mail, MessageEvent.NOT_BEGUN, said, refused)
            result.not_before = at + wait_before_next_try(mail.attempts)
            result.was_tried = not outcome.is_about_the_server
            return result


def wait_before_next_try(attempts: int) -> timedelta:
    """One minute after the first try, twice as long after each further one, at most four hours."""
    return min(LONGEST_WAIT, timedelta(minutes=2.0 ** min(attempts, 10)))


def dead_addresses(outcome: HandOver) -> dict[str, str]:
    """The recipients whose address does not exist, with what the server said."""
    if isinstance(outcome, Unconfirmed):
        return {}
    return {
        address.lower(): reply.text
        for address, reply in outcome.refused_recipients.items()
        if reply.code >= 500 and NO_SUCH_ADDRESS.search(reply.text)
    }


def mark_dead_addresses(dead: Mapping[str, str], now: datetime) -> None:
    """Nothing is sent to these any more until a person clears them (spec 3.8)."""
    for address, said in dead.items():
        ContactAddress.objects.filter(address=address, undeliverable_since=None).update(
            undeliverable_since=now, undeliverable_reason=said[:300]
        )


def _bounce(mail: DueMail, refused: Mapping[str, Reply]) -> str:
    """One that somebody it was written *to* did not get: as with a bounce, their silence says nothing (spec 3.8)."""
    gone = {address.lower() for address in refused}
    to = [address.lower() for address in mail.to_addresses]
    if gone.isdisjoint(to):
        return ""
    is_dead = all(NO_SUCH_ADDRESS.search(reply.text) for reply in refused.values())
    return Bounce.PERMANENT.value if is_dead else Bounce.REFUSED.value


def _result(
    mail: DueMail,
    event: MessageEvent,
    reply: str,
    refused: Mapping[str, Reply],
    *,
    sent_at: datetime | None = None,
    doubted_at: datetime | None = None,
    bounce: str = "",
) -> Result:
    return Result(
        mail.pk,
        move(MESSAGE, MessageState.SENDING, event),
        reply,
        sent_at=sent_at,
        doubted_at=doubted_at,
        bounce=bounce,
        refused={address: f"{answer.code} {answer.text}" for address, answer in refused.items()},
    )
