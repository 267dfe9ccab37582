"""What do customers do with our mails? Each kind in its own way; what they write is on its way to our mail server."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from caseloop.demo.bounces import Bounce, delivery_status_notification
from caseloop.letters.dates import long_date
from caseloop.simulation.clock import round_up
from caseloop.simulation.files import By, CaseFile
from caseloop.simulation.letters import INBOX, JUNK, Letter, Means, Ours, compose
from caseloop.simulation.mail_server import MailServer, Taken
from caseloop.simulation.story import Story
from caseloop.simulation.words import said

ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "Europe/Paris")


class Kind(StrEnum):
    """How a customer behaves, first of all."""

    SILENT = "silent"
    THANKFUL = "thankful"
    ANGRY = "angry"
    ASKING = "asking"
    INFORMING = "informing"
    PUTTING_OFF = "putting off"
    AWAY = "away until a day"
    AWAY_UNDATED = "away"
    MOVED = "moved"
    LEFT = "left the company"
    SEVERAL = "several cases"
    COLLEAGUE = "colleague answers"
    JUNKED = "answers into junk"
    LATE = "answers late"
    ACKNOWLEDGING = "acknowledges by machine"
    CALLING = "calls"


SHARES = {
    Kind.SILENT: 30,
    Kind.THANKFUL: 12,
    Kind.ANGRY: 8,
    Kind.ASKING: 6,
    Kind.INFORMING: 4,
    Kind.PUTTING_OFF: 5,
    Kind.AWAY: 5,
    Kind.AWAY_UNDATED: 3,
    Kind.MOVED: 4,
    Kind.LEFT: 2,
    Kind.SEVERAL: 7,
    Kind.COLLEAGUE: 3,
    Kind.JUNKED: 3,
    Kind.LATE: 4,
    Kind.ACKNOWLEDGING: 2,
    Kind.CALLING: 2,
}
FIRST_WORDS = {
    Kind.THANKFUL: Means.THANKS,
    Kind.ANGRY: Means.ANGRY,
    Kind.ASKING: Means.ASKS,
    Kind.INFORMING: Means.INFORMS,
    Kind.COLLEAGUE: Means.ANGRY,
    Kind.JUNKED: Means.ASKS,
}
WORDS = {
    Means.THANKS: "thanks",
    Means.ANGRY: "angry",
    Means.ASKS: "asks",
    Means.INFORMS: "informs",
    Means.LATER: "later",
    Means.LATER_UNDATED: "later_undated",
}


@dataclass(eq=False, slots=True)
class Customer:
    """Somebody who writes to support from `address`; mail to it comes back once `is_dead`."""

    index: int
    kind: Kind
    name: str
    address: str
    language: str
    zone: str
    organization: str
    new_address: str = ""
    is_dead: bool = False
    back_on: date | None = None
    files: list[CaseFile] = field(default_factory=list)

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Mood:
    """What the customer does after a mail of a person: answers mail number `at_mail` (0: none), and how."""

    means: Means | None = None
    at_mail: int = 0
    is_new_mail: bool = False
    is_by_colleague: bool = False
    is_call: bool = False
    folder: str = INBOX
    days_late: int = 0


@dataclass(slots=True)
class Customers:
    """`at(moment, do)` lets something happen then; `call(file)` is somebody on the phone."""

    rng: random.Random
    server: MailServer
    story: Story
    step: timedelta
    at: Callable[[datetime, Callable[[], None]], None]
    call: Callable[[CaseFile], None]
    has_faults: bool
    _written: int = 0

    def open_case(self, file: CaseFile, text: str, at: datetime) -> None:
        """The customer's first mail about it."""
        self._send(file, Means.OPENS, text, file.title, at, is_reply=False)

    def receive(self, file: CaseFile, taken: Taken, by: By, text: str, at: datetime) -> None:
        """Our mail has reached the customer's mail server."""
        customer = file.customer
        ours = Ours(taken.message_id, taken.references, taken.subject, taken.reply_to, text)
        if customer.address not in taken.recipients and customer.new_address not in taken.recipients:
            return  # only somebody else got it
        if self._comes_back(file, taken, at):
            return
        file.last_ours = ours
        self._answer_by_machine(file, ours, at)
        if by is By.NOTICE:
            return
        if by is By.PERSON:
            file.mood, file.mails_since_person = self._mood(file), 0
        file.mails_since_person += 1
        if file.mood is not None and file.mood.at_mail == file.mails_since_person:
            self._answer(file, file.mood, ours, at)

    def _mood(self, file: CaseFile) -> Mood:
        rng, kind = self.rng, file.customer.kind
        at_mail = rng.choice((1, 1, 2, 2, 3))
        if file.answered:  # after the first exchange all are alike
            means = rng.choice((None, None, None, Means.THANKS, Means.THANKS, Means.THANKS, Means.ANGRY, Means.ASKS))
            return Mood(means, at_mail if means else 0)
        match kind:
            case Kind.SEVERAL:
                means = rng.choice((None, Means.THANKS, Means.ANGRY, Means.ASKS))
                return Mood(means, at_mail if means else 0, is_new_mail=rng.random() < 0.5)
            case Kind.COLLEAGUE:
                return Mood(Means.ANGRY, at_mail, is_by_colleague=True, is_new_mail=rng.random() < 0.4)
            case Kind.JUNKED:
                return Mood(Means.ASKS, at_mail, folder=JUNK, is_new_mail=rng.random() < 0.3)
            case Kind.LATE:
                means = rng.choice((Means.ANGRY, Means.ASKS, Means.THANKS))
                return Mood(means, rng.choice((2, 3)), days_late=rng.randint(4, 20))
            case Kind.PUTTING_OFF:
                return Mood(rng.choice((Means.LATER, Means.LATER_UNDATED)), at_mail)
            case Kind.CALLING:
                return Mood(Means.ASKS, at_mail, is_call=True)
            case Kind.ACKNOWLEDGING | Kind.AWAY:
                return Mood(Means.THANKS, 3) if rng.random() < 0.3 else Mood()
            case _:
                return Mood(FIRST_WORDS[kind], at_mail) if kind in FIRST_WORDS else Mood()

    def _answer(self, file: CaseFile, mood: Mood, ours: Ours, at: datetime) -> None:
        assert mood.means is not None
        answers_at = self._when(file, at) + timedelta(days=mood.days_late)
        if mood.is_call:
            self.at(answers_at, lambda: self.call(file))
            return
        customer = file.customer
        text = said(customer.language, WORDS[mood.means])
        if mood.is_by_colleague:
            text = said(customer.language, "colleague")
            sender = f"office@{customer.domain}"
            if mood.is_new_mail:  # a stranger to us, who names the case
                self._send(file, mood.means, text, f"{file.title} {file.number}", answers_at, sender, is_reply=False)
            else:
                self._send(file, mood.means, text, f"Re: {ours.subject}", answers_at, sender, ours)
            return
        sender = customer.new_address if customer.is_dead and customer.new_address else customer.address
        if mood.is_new_mail:
            self._send(file, mood.means, text, file.title, answers_at, sender, None, mood.folder, is_reply=False)
        else:
            self._send(file, mood.means, text, f"Re: {ours.subject}", answers_at, sender, ours, mood.folder)

    def _when(self, file: CaseFile, at: datetime) -> datetime:
        """Within minutes, hours or days; one in five just when our next step is due."""
        chance = self.rng.random()
        if chance < 0.2:
            due = round_up(at + file.rule.least_wait, self.step)
            return due + timedelta(seconds=self.rng.uniform(-1.0, 3.0))
        if chance < 0.35:
            return at + timedelta(minutes=self.rng.uniform(1, 10))
        return at + timedelta(hours=self.rng.uniform(1, 20) if chance < 0.75 else self.rng.uniform(20, 80))

    def _comes_back(self, file: CaseFile, taken: Taken, at: datetime) -> bool:
        customer = file.customer
        if customer.kind is Kind.MOVED and not customer.is_dead and file.handed_over:
            customer.is_dead = True
        if not (customer.is_dead and customer.address in taken.recipients):
            return False
        is_delay = self.rng.random() < 0.2
        bounce = Bounce("4.4.1", "Connection timed out") if is_delay else Bounce()
        comes_at = at + timedelta(minutes=self.rng.uniform(0.1, 40))
        raw = delivery_status_notification(
            bounce,
            failed_recipient=customer.address,
            sent_back_to=taken.envelope_from,
            original=taken.raw,
            host="mail.contoso.example",
            at=comes_at,
        )
        means = Means.DELAYED if is_delay else Means.BOUNCES
        self._written += 1
        letter = Letter(raw, means, file, message_id=f"dsn-{self._written}", sender="", folder=INBOX)
        file.bounced_at[taken.message_id] = comes_at
        self._post(file, letter, comes_at, "the mail server")
        return True

    def _answer_by_machine(self, file: CaseFile, ours: Ours, at: datetime) -> None:
        customer, today = file.customer, at.astimezone(ZoneInfo(file.customer.zone)).date()
        language = customer.language
        match customer.kind:
            case Kind.AWAY:
                customer.back_on = customer.back_on or today + timedelta(days=self.rng.randint(2, 16))
                if today < customer.back_on:
                    text = said(language, "away").format(back=long_date(customer.back_on, language))
                    self._reply_by_machine(file, Means.AWAY, text, "away_subject", ours, at)
            case Kind.AWAY_UNDATED:
                self._reply_by_machine(
                    file, Means.AWAY_UNDATED, said(language, "away_undated"), "away_subject", ours, at
                )
            case Kind.LEFT:
                text = said(language, "gone").format(address=f"office@{customer.domain}")
                self._reply_by_machine(file, Means.GONE, text, "away_subject", ours, at)
            case Kind.ACKNOWLEDGING:
                text = said(language, "acknowledges")
                self._reply_by_machine(file, Means.ACKNOWLEDGES, text, "acknowledges_subject", ours, at)

    def _reply_by_machine(
        self, file: CaseFile, means: Means, text: str, subject: str, ours: Ours, at: datetime
    ) -> None:
        comes_at = at + timedelta(seconds=self.rng.uniform(1, 30))
        wanted = said(file.customer.language, subject).format(subject=ours.subject)
        self._send(file, means, text, wanted, comes_at, "", ours)

    def _send(
        self,
        file: CaseFile,
        means: Means,
        text: str,
        subject: str,
        at: datetime,
        sender: str = "",
        answers: Ours | None = None,
        folder: str = INBOX,
        *,
        is_reply: bool = True,
    ) -> None:
        customer = file.customer
        self._written += 1
        sender = sender or customer.address
        message_id = f"<{self._written}.{file.index}@{sender.rpartition('@')[2]}>"
        is_automatic = means in (Means.AWAY, Means.AWAY_UNDATED, Means.GONE, Means.ACKNOWLEDGES)
        raw = compose(
            message_id=message_id,
            sender=sender,
            name=customer.name if sender == customer.address else "Office",
            subject=subject,
            text=text,
            at=at,
            to=answers.reply_to if answers else "support@contoso.example",
            answers=answers,
            is_automatic=is_automatic,
        )
        letter = Letter(raw, means, file, message_id, sender, is_reply, folder)
        if means is Means.AWAY and customer.back_on is not None:
            letter.back_on = datetime.combine(customer.back_on, time(0), ZoneInfo(customer.zone))
        self._post(file, letter, at, f"{customer.name}" if sender == customer.address else sender)

    def _post(self, file: CaseFile, letter: Letter, at: datetime, who: str) -> None:
        """On its way: with faults some mails come twice, some days later."""
        arrives_at = at
        if self.has_faults and self.rng.random() < 0.04:
            arrives_at += timedelta(hours=self.rng.uniform(2, 60))
        file.letters.append(letter)
        file.answered += letter.is_human
        self.server.send(letter, arrives_at)
        kind = "a reply" if letter.is_reply else "a new mail"
        where = "" if letter.folder == INBOX else f", into {letter.folder}"
        late = f", on its way until {arrives_at:%d %b %H:%M}" if arrives_at != at else ""
        self.story.tell(file, who, f"{letter.means} ({kind}{where}{late})", at)
        if self.has_faults and self.rng.random() < 0.04:
            again = replace(letter, folder=self.rng.choice((INBOX, JUNK)), arrived_at=None, offered_at=None)
            self.server.send(again, arrives_at + timedelta(minutes=self.rng.uniform(0, 300)))
            self.server.letters[letter.message_id] = letter
