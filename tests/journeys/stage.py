"""The stage of a journey: real mail servers, a real database, one worker, and a clock that the story moves.

Everything happens as in production, only that the story says when: `run_until` moves the clock from one due moment to
the next, and lets the worker turn and the mailboxes be read until nothing is left to do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any

from django.db.models import Min

from caseloop.accounts.models import Role, User
from caseloop.administration.models import GlobalSettings
from caseloop.administration.secrets import encrypt
from caseloop.cases.models import Case, CaseReview, StatusReason
from caseloop.config.worker import Worker
from caseloop.demo.mail_system import MailSystem
from caseloop.domain.lifecycle import MessageState
from caseloop.followups import rules
from caseloop.followups.models import Rule, SuggestedAction
from caseloop.followups.waiting import on_read
from caseloop.mail.models import InboundMail, Mailbox, Message
from caseloop.mail.opening import mark_opened
from caseloop.mail.outgoing import Letter, write_mail
from caseloop.mail.reader import MailboxReader
from tests import factories

SUPPORT = "support@contoso.example"
ANNA = "anna@cafe.example"
PASSWORD = "loopback"
CONTOSO = {"all": [{"field": "title", "operator": "contains", "value": "Contoso Coffee"}]}


@dataclass
class Clock:
    """A clock that runs as fast as any other, from wherever the story set it."""

    set_to: datetime
    set_at: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        return self.set_to + timedelta(seconds=time.monotonic() - self.set_at)

    def jump(self, moment: datetime) -> None:
        self.set_to, self.set_at = moment, time.monotonic()


@dataclass
class Stage:
    """A story under way. Its clock (UTC) runs on by itself, and jumps where the story says."""

    mail: MailSystem
    mailbox: Mailbox
    clock: Clock
    readers: dict[int, MailboxReader] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @now.setter
    def now(self, moment: datetime) -> None:
        self.clock.jump(moment)

    def __post_init__(self) -> None:
        self.worker = Worker(now=lambda: self.now, reads_mailboxes=False)

    # what people do

    def rule(self, level: str = "full", **more: Any) -> Rule:
        """An active rule over Contoso Coffee's cases on hold: three follow-ups, 48 hours each."""
        fields = {
            "name": f"Contoso Coffee ({level})",
            "level": level,
            "trigger_status_reason": StatusReason.objects.get(key="on_hold"),
            "follow_ups": 3,
            "sends_closing_notice": False,
            **more,
        }
        waits = fields.pop("waits", ["48 hours"] * fields["follow_ups"])
        conditions = fields.pop("conditions", CONTOSO)
        takes = fields.pop("takes_silences_up_to_days", None)
        wanted = rules.RuleFields(waits=waits, conditions=conditions, plain=fields)
        rule = rules.save_rule(wanted, actor=self.manager, now=self.now)
        return rules.activate(rule.pk, actor=self.manager, now=self.now, takes_silences_up_to_days=takes)

    @property
    def manager(self) -> User:
        return factories.user("mira", Role.MANAGER)

    def case(self, title: str = "Contoso Coffee: grinder jams", **fields: Any) -> Case:
        """An open case of Anna's, on hold, ten days old."""
        return factories.case(title, now=self.now, created_at=self.now - timedelta(days=10), **fields)

    def we_write(self, case: Case, text: str = "Does the grinder work now?", to: str = ANNA, **more: Any) -> Message:
        """Sofia has read what is there, and writes to the customer; the mail goes out at once."""
        mark_opened(Message.objects.filter(case=case, direction="in").values_list("pk", flat=True), self.now)
        letter = Letter(to=[to], subject=case.title, text=text, language="en", **more)
        assert case.owner is not None
        message = write_mail(case.pk, letter, author=case.owner, now=self.now)
        self.settle()
        message.refresh_from_db()
        assert message.state == MessageState.SENT.value, message.server_reply
        return message

    # what the customer does

    def customer_answers(self, text: str, *, sender: str = ANNA, folder: str = "INBOX", **more: Any) -> EmailMessage:
        """A reply to the newest mail that reached the customer, or a new mail with `reply=False`."""
        raw = self.mail_from_customer(text, sender=sender, **more)
        self.mail.deliver(bytes(raw), SUPPORT, folder)
        self.settle()
        return raw

    def mail_from_customer(
        self,
        text: str,
        *,
        sender: str = ANNA,
        reply: bool = True,
        subject: str = "",
        headers: dict[str, str] | None = None,
        inbox: str = "",
    ) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = f"Anna Löwenherz <{sender}>"
        mail["To"] = SUPPORT
        mail["Date"] = format_datetime(self.now)
        mail["Message-ID"] = make_msgid(domain=sender.split("@")[1])
        if reply:
            last = self.last_mail_to(inbox or ANNA)
            mail["Subject"] = subject or f"Re: {last['Subject']}"
            mail["In-Reply-To"] = last["Message-ID"]
            mail["References"] = f"{last.get('References', '')} {last['Message-ID']}".strip()
        else:
            mail["Subject"] = subject or "Something new"
        for name, value in (headers or {}).items():
            mail[name] = value
        mail.set_content(text)
        return mail

    # what is seen from outside

    def mails_to(self, address: str = ANNA) -> list[Any]:
        """What arrived in a customer's inbox, oldest first."""
        return [message_from_bytes(raw, policy=policy.default) for raw in self.mail.messages(address)]

    def last_mail_to(self, address: str = ANNA) -> Any:
        return self.mails_to(address)[-1]

    def automatic_mails(self, address: str = ANNA) -> int:
        """How many mails that no person sent the mail server accepted for this address."""
        return sum(
            1
            for accepted in self.mail.accepted
            if address in accepted.recipients and b"Auto-Submitted: auto-generated" in accepted.raw
        )

    # time

    def settle(self, turns: int = 40) -> None:
        """Let worker and mailboxes work at this moment until nothing is left to do."""
        for _ in range(turns):
            busy = self.worker.turn()
            wanted = self._read_mailboxes()
            if not busy and not wanted:
                return
        raise AssertionError(f"It does not come to rest at {self.now}: {self._what_is_left()}")

    def _read_mailboxes(self) -> bool:
        """Whether a mailbox had to be read: mail came in, or silence has to be proven."""
        before = InboundMail.objects.count()
        wanted = False
        for mailbox in Mailbox.objects.filter(is_on=True):
            wanted |= mailbox.read_wanted_at is not None and (
                mailbox.read_through_at is None or mailbox.read_through_at < mailbox.read_wanted_at
            )
            if mailbox.pk not in self.readers:
                self.readers[mailbox.pk] = MailboxReader(mailbox.pk, lambda: self.now, on_read)
            self.readers[mailbox.pk].read_once()
        due = CaseReview.objects.filter(review_at__lte=self.now).exists()
        return InboundMail.objects.count() > before or due or (wanted and self._is_reachable())

    def _is_reachable(self) -> bool:
        return not Mailbox.objects.exclude(reading_error="").exists()

    def run_until(self, moment: datetime, steps: int = 400) -> None:
        """Move the clock from one due moment to the next, up to `moment`."""
        self.settle()
        for _ in range(steps):
            coming = self._next_due()
            if coming is None or coming > moment:
                break
            self.now = max(self.now, coming)
            self.settle()
        else:
            raise AssertionError(f"Too many steps before {moment}")
        self.now = max(self.now, moment)
        self.settle()

    def run_for(self, **duration: float) -> None:
        self.run_until(self.now + timedelta(**duration))

    def _next_due(self) -> datetime | None:
        moments = [
            CaseReview.objects.filter(review_at__gt=self.now).aggregate(at=Min("review_at"))["at"],
            Message.objects.filter(state="approved", not_before__gt=self.now).aggregate(at=Min("not_before"))["at"],
        ]
        return min((moment for moment in moments if moment is not None), default=None)

    def _what_is_left(self) -> str:
        due = list(CaseReview.objects.filter(review_at__lte=self.now).values())
        mails = list(Message.objects.filter(state__in=["approved", "sending"]).values("pk", "state", "server_reply"))
        return f"due {due}, mails {mails}, mailboxes {list(Mailbox.objects.values())}"

    def close(self) -> None:
        """Leave the mail servers."""
        self.worker.close()
        for reader in self.readers.values():
            reader.close()
        self.readers.clear()

    # what the case says

    def open_action(self, case: Case) -> SuggestedAction | None:
        return SuggestedAction.objects.filter(case=case, state__in=["proposed", "approved"]).first()

    def fresh(self, case: Case) -> Case:
        return Case.objects.get(pk=case.pk)


@contextmanager
def on_stage(now: datetime, **accounts: str) -> Iterator[Stage]:
    """A stage with support's mailbox connected and Caseloop live and switched on."""
    clock = Clock(now.astimezone(UTC))
    with MailSystem({SUPPORT: PASSWORD, ANNA: PASSWORD, **accounts}, clock=clock.now) as mail:
        GlobalSettings.current()
        GlobalSettings.objects.update(is_on=True, is_live=True, needs_second_yes=False)
        mailbox = factories.mailbox(
            SUPPORT,
            smtp_port=mail.smtp_port,
            imap_port=mail.imap_port,
            username=SUPPORT,
            secret=encrypt(PASSWORD),
            connected_at=now,
        )
        stage = Stage(mail, mailbox, clock)
        stage.settle()
        yield stage
