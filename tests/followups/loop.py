"""The loop on a table: rules, cases and mails as rows, one look after the other, and a mail server that is a list.

Every date is handed in. `look` reviews until nothing is due; `send` claims and hands over what is approved.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from caseloop.accounts.models import Role, User
from caseloop.administration.models import GlobalSettings
from caseloop.cases.marking import mark
from caseloop.cases.models import Case, Contact, StatusReason
from caseloop.domain.lifecycle import MessageState
from caseloop.followups import rules
from caseloop.followups.last_look import last_look
from caseloop.followups.models import Rule, SuggestedAction
from caseloop.followups.prepare import Helpers
from caseloop.followups.review import review_due
from caseloop.followups.sent import on_sent
from caseloop.mail.hand_over import Accepted, HandOver
from caseloop.mail.models import Mailbox, Message
from caseloop.mail.send import MailSender, SendReport
from tests import cast, factories

CONTOSO = {"all": [{"field": "title", "operator": "contains", "value": "Contoso Coffee"}]}
TWO_DAYS = timedelta(hours=48, seconds=2)


@dataclass
class Post:
    """A mail server that takes what it is given; `answer` says something else."""

    taken: list[bytes] = field(default_factory=list)
    answer: Callable[[bytes], HandOver] = lambda raw: Accepted("250 2.0.0 OK")

    def hand_over(self, envelope_from: str, recipients: list[str], raw: bytes) -> HandOver:
        self.taken.append(raw)
        return self.answer(raw)

    def close(self) -> None:
        pass


def manager() -> User:
    return factories.user("mira", Role.MANAGER)


def a_rule(level: str, now: datetime, **more: Any) -> Rule:
    """An active rule for Contoso Coffee's cases on hold: three follow-ups, 48 hours each."""
    takes = more.pop("takes_silences_up_to_days", None)
    plain = {
        "name": f"Contoso Coffee, {level}",
        "level": level,
        "trigger_status_reason": StatusReason.objects.get(key="on_hold"),
        "follow_ups": 3,
        "closes_without_notice": True,
        "sends_closing_notice": False,
        **more,
    }
    fields = rules.RuleFields(waits=["48 hours"] * plain["follow_ups"], conditions=CONTOSO, plain=plain)
    GlobalSettings.current()
    GlobalSettings.objects.update(is_on=True, is_live=True, needs_second_yes=False)
    rule = rules.save_rule(fields, actor=manager(), now=now)
    return rules.activate(rule.pk, actor=manager(), now=now, takes_silences_up_to_days=takes)


def we_wrote(case: Case, at: datetime, **fields: Any) -> Message:
    """A person's mail that was accepted, or is in another `state`."""
    to = case.contact.address if case.contact else "anna@cafe.example"
    defaults: dict[str, Any] = {
        "case": case,
        "mailbox": factories.mailbox(),
        "direction": "out",
        "state": MessageState.SENT.value,
        "origin": "person",
        "author": case.owner,
        "message_id": f"<{uuid.uuid4()}@contoso.example>",
        "from_address": "support@contoso.example",
        "to_addresses": [to],
        "subject": f"Your grinder [{case.number}]",
        "text": "Does it work now?",
        "occurred_at": at,
        "approved_at": at,
        "sent_at": at,
    }
    message = Message.objects.create(**(defaults | fields))
    Case.objects.filter(pk=case.pk).update(last_outbound_at=at, next_move="customer")
    mark([case.pk], at)
    return message


def customer_wrote(case: Case, at: datetime, text: str = "It still jams.", label: str = "", **fields: Any) -> Message:
    """An answer that was filed to the case; with a `label` it has been read as that."""
    message = cast.mail_in(case, at, text, label, **fields)
    mark([case.pk], at)
    return message


def silent_cases(number: int, at: datetime, **fields: Any) -> list[Case]:
    """So many cases of as many contacts, to each of whom we wrote at `at`, a second apart, the first one first."""
    found = []
    for index in range(number):
        contact = factories.contact(f"Customer {index}", f"customer{index}@cafe.example")
        case = factories.case(f"Contoso Coffee: grinder {index}", now=at, contact=contact, **fields)
        we_wrote(case, at - timedelta(seconds=number - index))
        found.append(case)
    return found


def read_mailboxes(now: datetime) -> None:
    """All mailboxes gave a positive answer a moment ago, and mail comes in."""
    Mailbox.objects.update(read_through_at=now, last_arrival_at=now)


def look(now: datetime, turns: int = 20) -> None:
    """Review until nothing is due any more."""
    for _ in range(turns):
        if not review_due(lambda: now, Helpers.builtin()):
            return
    raise AssertionError(f"the loop does not come to rest at {now}")


def look_after(case: Case, now: datetime) -> None:
    """Somebody marks the case, the mailboxes have just been read, and the loop looks."""
    read_mailboxes(now)
    mark([case.pk], now)
    look(now)


def send(now: datetime, post: Post | None = None) -> SendReport:
    """One claim of the mailbox, with the last look of the loop."""
    post = post or Post()
    mailbox = factories.mailbox()
    sender = MailSender(mailbox.pk, lambda: now, last_look, on_sent=on_sent, connect=lambda _: post)
    return sender.send_due()


def silent_case(level: str, at: datetime, **rule: Any) -> Case:
    """A case in a running series since our mail at `at`."""
    a_rule(level, at, **rule)
    case = factories.case(now=at)
    we_wrote(case, at)
    look(at)
    return case


def with_draft(at: datetime, **rule: Any) -> tuple[Case, SuggestedAction]:
    """Under confirmation: 48 hours after our mail at `at` Sofia has got a follow-up to review."""
    return _with_follow_up("confirm", at, rule)


def with_follow_up(at: datetime, **rule: Any) -> tuple[Case, SuggestedAction]:
    """Under full automation: 48 hours after our mail at `at` a follow-up is approved and about to go."""
    return _with_follow_up("full", at, rule)


def _with_follow_up(level: str, at: datetime, rule: dict[str, Any]) -> tuple[Case, SuggestedAction]:
    case = silent_case(level, at, **rule)
    look_after(case, at + TWO_DAYS)
    return case, SuggestedAction.objects.get(case=case)


def again(row: Any) -> Any:
    """The row as it is now."""
    return type(row).objects.get(pk=row.pk)


def contact_of(case: Case) -> Contact:
    assert case.contact is not None
    return case.contact
