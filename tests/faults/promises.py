"""What must hold after any fault? (spec 10, P1 to P6)

Mails are counted at the mail servers: what SMTP accepted, and when an answer lay in our mailbox. Our own tables are
only asked what they alone know: which cases were closed, what stands in front of a person, and whether they agree with
the servers. Every broken promise is a sentence.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.utils import parseaddr

from django.db.models import Exists, OuterRef, Q

from caseloop.accounts.models import User
from caseloop.cases.case_views import BY_KEY
from caseloop.cases.models import Activity, Case, CaseReview, Resolution
from caseloop.domain.decide import decide
from caseloop.followups import escalations
from caseloop.followups.gather import gather
from caseloop.followups.models import Enrolment, SuggestedAction
from caseloop.followups.plan import plan
from caseloop.mail.models import InboundMail, MailDoubt, Message
from caseloop.reading.case_number import case_number_of
from tests.faults.sink import Sink
from tests.faults.world import SUPPORT, WAIT, Answered, Play

ANSWER_MAY_CROSS = timedelta(seconds=60)
"""What came in later than the reading that proves silence, at most so long before the act, may cross it (P2)."""
CLOCK_IS_ROUGH = timedelta(minutes=1)
UNCONFIRMED_AT_MOST = 20


@dataclass(frozen=True)
class Taken:
    """One mail that the server accepted, as its receiver sees it."""

    message_id: str
    to: tuple[str, ...]
    case: str
    at: datetime
    is_automatic: bool
    is_closing_notice: bool
    is_for_us: bool


@dataclass
class Broken:
    """What was broken, by promise; empty lists are good."""

    doubled: list[str] = field(default_factory=list)
    wrong_mails: list[str] = field(default_factory=list)
    wrong_closings: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def sentences(self) -> list[str]:
        return [*self.doubled, *self.wrong_mails, *self.wrong_closings, *self.lost]


@dataclass
class Aftermath:
    """How one run ended: what was broken, and how many mails are in doubt and how many of these a person sees."""

    broken: Broken
    unconfirmed: int
    in_front_of_a_person: int


def aftermath(play: Play, *, follow_ups: int = 3, kills: int = 1) -> Aftermath:
    """Count and compare, when the healthy worker has finished. `follow_ups` is what the rule allows, Sofia's own mail
    among them; `kills` is how many workers may have left mails in doubt."""
    mails = taken(play.sink)
    broken = Broken()
    broken.doubled += [*accepted_twice(mails), *too_soon(mails), *too_many(mails, follow_ups)]
    broken.wrong_mails += after_an_answer(mails, play.answers)
    broken.wrong_closings += closed_after_an_answer(play.answers)
    doubtful = list(Message.objects.filter(state="unconfirmed").select_related("case"))
    seen = [mail for mail in doubtful if _is_seen(mail, play.now)]
    broken.lost += [f"{mail} is unconfirmed, and nobody is told" for mail in doubtful if mail not in seen]
    if len(doubtful) > UNCONFIRMED_AT_MOST * kills:
        broken.lost.append(f"{len(doubtful)} mails are unconfirmed after {kills} kills")
    broken.lost += [
        *disagreeing(mails),
        *unfinished(),
        *in_nobodys_list(play.now),
        *half_resolved(),
        *not_filed_once(play.sink),
    ]
    return Aftermath(broken, len(doubtful), len(seen))


# what the mail server says


def taken(sink: Sink) -> list[Taken]:
    """What SMTP accepted, in order."""
    found = []
    for accepted in sink.accepted:
        mail = message_from_bytes(accepted.raw, policy=policy.default)
        subject = str(mail["Subject"])
        found.append(
            Taken(
                message_id=str(mail["Message-ID"]).strip(),
                to=tuple(address.lower() for address in accepted.recipients),
                case=case_number_of(subject, "") or "",
                at=accepted.at,
                is_automatic=mail.get("Auto-Submitted", "no") != "no",
                is_closing_notice="closed your case" in subject,
                is_for_us=all(address.startswith("support") for address in accepted.recipients),
            )
        )
    return found


def accepted_twice(mails: Iterable[Taken]) -> list[str]:
    """P4: at most one hand-over of each mail."""
    counted = Counter(mail.message_id for mail in mails)
    return [f"{message_id} arrived {times} times" for message_id, times in counted.items() if times > 1]


def _by_case(mails: Iterable[Taken]) -> Iterator[tuple[str, list[Taken]]]:
    """The mails of each case that count: closing notices don't (P1)."""
    of_case: dict[str, list[Taken]] = defaultdict(list)
    for mail in mails:
        if not mail.is_closing_notice and not mail.is_for_us:
            of_case[mail.case].append(mail)
    yield from of_case.items()


def too_soon(mails: Iterable[Taken]) -> list[str]:
    """P1: never two follow-ups within one wait."""
    return [
        f"{case} got two mails within {second.at - first.at}"
        for case, sent in _by_case(mails)
        for first, second in itertools.pairwise(sent)
        if second.at - first.at < WAIT - CLOCK_IS_ROUGH
    ]


def too_many(mails: Iterable[Taken], follow_ups: int) -> list[str]:
    """P1: never more follow-ups than the rule says."""
    return [f"{case} got {len(sent)} mails" for case, sent in _by_case(mails) if len(sent) > follow_ups]


def after_an_answer(mails: Sequence[Taken], answers: Iterable[Answered]) -> list[str]:
    """P2: never a follow-up after an answer that lay in our mailbox, nor within a wait of one that asks for time."""
    return [
        f"{answer.address} got a mail at {mail.at} after their answer of {answer.at}"
        for answer in answers
        if answer.is_human
        for mail in mails
        if mail.is_automatic and answer.address in mail.to and mail.at > answer.at + ANSWER_MAY_CROSS
        if not answer.puts_off or mail.at < answer.at + WAIT - CLOCK_IS_ROUGH
    ]


# what our tables say


def closed_after_an_answer(answers: Iterable[Answered]) -> list[str]:
    """P2, P3: never a closing after an answer or a bounce, unless the customer said that it is solved."""
    found = []
    for answer in answers:
        if not answer.is_human:
            continue
        closings = Resolution.objects.filter(
            case__contact__addresses__address=answer.address,
            is_automatic=True,
            resolved_at__gt=answer.at + ANSWER_MAY_CROSS,
        )
        if answer.is_favorable:
            closings = closings.filter(status_reason__key="no_response")
        if answer.puts_off:
            closings = closings.filter(resolved_at__lt=answer.at + WAIT)
        found += [f"{closing.case} was closed after the answer of {answer.at}" for closing in closings]
    not_arrived = Message.objects.filter(Q(state__in=["unconfirmed", "refused"]) | ~Q(bounce=""), direction="out")
    cases = not_arrived.exclude(letter__contains={"purpose": "closing_notice"}).values("case_id")
    unsure = Resolution.objects.filter(is_automatic=True, case__in=cases)
    return found + [f"{closing.case} was closed though a mail of ours did not arrive" for closing in unsure]


def _is_seen(mail: Message, now: datetime) -> bool:
    """Whether a person is told: a card on its case, or the managers' list."""
    listed = {waiting.id for waiting in escalations.mails_that_do_not_go(now)}
    card = SuggestedAction.objects.filter(case=mail.case, state="proposed", kind="needs_attention")
    return mail.pk in listed or card.exists()


def in_doubt() -> set[str]:
    """The addresses of mails that may or may not have been sent."""
    return {address for mail in Message.objects.filter(state="unconfirmed") for address in mail.to_addresses}


def disagreeing(mails: Iterable[Taken]) -> list[str]:
    """What we say was sent has arrived, and what has arrived we know of: sent or in doubt."""
    arrived = {mail.message_id for mail in mails if not mail.is_for_us}
    states = dict(Message.objects.filter(direction="out").values_list("message_id", "state"))
    sent = {message_id for message_id, state in states.items() if state == "sent"}
    found = [f"{message_id} is called sent and never arrived" for message_id in sent - arrived]
    for message_id in arrived - sent:
        state = states.get(message_id, "unknown")
        if state != "unconfirmed":
            found.append(f"{message_id} has arrived and is {state}")
    return found


def unfinished() -> list[str]:
    """No mail is left on its way; every sent one has its line in the timeline, and its suggested action is done."""
    found = [f"{mail} is still being sent" for mail in Message.objects.filter(state="sending")]
    sent = Message.objects.filter(direction="out", state="sent")
    found += [f"{mail} was sent and is not in the timeline" for mail in sent.filter(activity=None)]
    found += [
        f"{mail} was sent, and its action is {mail.action.state}"
        for mail in sent.filter(action__isnull=False).select_related("action")
        if mail.action.state != "done"
    ]
    return found


def in_nobodys_list(now: datetime) -> list[str]:
    """P5: resolved, or waiting for a date that is shown, or in a list that a person has to empty; a case that a person
    has taken out of all automation is theirs."""
    cases = list(Case.objects.filter(Exists(Enrolment.objects.filter(case=OuterRef("pk"))), status="active"))
    looks = gather([case.pk for case in cases], now)
    waits = dict(CaseReview.objects.values_list("case_id", "review_at"))
    listed = _listed(now)
    found = []
    for case in cases:
        look = looks[case.pk]
        if look.facts.series is None and (look.facts.no_automation or look.facts.ended_by_person_at is not None):
            continue
        shown = plan(look, decide(look.facts, look.policy, now), now)
        has_date = shown.at is not None and waits.get(case.pk) is not None
        if not (has_date or shown.needs_person or case.pk in listed):
            found.append(f"{case} waits for nothing: {shown.title} {shown.reason}")
    return found


def _listed(now: datetime) -> set[int]:
    """The cases in the lists *Needs me*, *Mail in doubt*, *Unread* and *Customer says solved*, whoever's they are."""
    nobody = User()  # this list is the same for everybody
    return {
        *SuggestedAction.objects.filter(state="proposed").values_list("case_id", flat=True),
        *MailDoubt.objects.filter(answer="").values_list("case_id", flat=True),
        *(waiting.case_id for waiting in escalations.unread_mails() if waiting.case_id),
        *BY_KEY["solved"].choose(Case.objects.all(), nobody).values_list("pk", flat=True),
    }


def half_resolved() -> list[str]:
    """A closing is all of its parts or none: status, resolution, history, series, open work, and the entry about it."""
    found = []
    resolutions = Counter(Resolution.objects.filter(reopening=None).values_list("case_id", flat=True))
    ever = Counter(Resolution.objects.values_list("case_id", flat=True))
    running = set(Enrolment.objects.filter(state="running").values_list("case_id", flat=True))
    open_work = set(Activity.objects.filter(state="open").values_list("case_id", flat=True))
    told = Counter(Activity.objects.filter(subject__startswith="Resolved").values_list("case_id", flat=True))
    changed = Counter(
        Case.history.rel.related_model.objects.filter(status="resolved").values_list("pgh_obj_id", flat=True)
    )
    for case in Case.objects.all():
        pk = case.pk
        parts = [
            (resolutions[pk], "resolution"),
            (int(pk not in running), "ended series"),
            (int(pk not in open_work), "cancelled open work"),
            (told[pk] - ever[pk] + 1, "entry in the timeline"),
            (changed[pk] - ever[pk] + 1, "change in the history"),
        ]
        wrong = [f"{number} times its {part}" for number, part in parts if number != 1]
        if case.status == "resolved" and wrong:
            found.append(f"{case} is resolved with {', '.join(wrong)}")
        if case.status != "resolved" and (resolutions[pk] or told[pk] != ever[pk]):
            found.append(f"{case} is {case.status}, and parts of a closing are there")
    return found


def not_filed_once(sink: Sink) -> list[str]:
    """P4, P6: each mail that lies in our mailbox was stored, understood and filed exactly once."""
    found = []
    for raw in (raw for folder in ("INBOX", "Junk") for raw in sink.messages(SUPPORT, folder)):
        mail = message_from_bytes(raw, policy=policy.default)
        message_id = str(mail["Message-ID"]).strip()
        stored = InboundMail.objects.filter(digest=hashlib.sha256(raw).hexdigest())
        if stored.count() != 1 or stored.filter(state="stored").exists():
            found.append(f"{message_id} was stored {stored.count()} times: {list(stored.values_list('state'))}")
        if parseaddr(str(mail["From"]))[1] != SUPPORT:
            filed = Message.objects.filter(direction="in", message_id=message_id).count()
            if filed != 1:
                found.append(f"{message_id} was filed {filed} times")
    return found
