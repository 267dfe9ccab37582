"""The promises under two connections at once: real transactions, real locks (spec 10).

People decide while the loop acts and mails are claimed. Whoever comes second sees what the first one did; nobody waits
for somebody who waits for them.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from caseloop.cases.changes import edit_case, locked
from caseloop.cases.errors import CaseChangedMeanwhile, CaseError
from caseloop.cases.marking import mark
from caseloop.cases.models import Activity, Case, CaseReview
from caseloop.followups import approvals, guard, rules
from caseloop.followups.errors import FollowUpError
from caseloop.followups.locking import lock_cases
from caseloop.followups.models import ContactSlot, Enrolment, Rule, SuggestedAction
from caseloop.followups.prepare import Helpers
from caseloop.followups.review import review_due
from caseloop.followups.waiting import mark_waiting, on_read
from caseloop.mail.models import Message
from tests import factories
from tests.followups.loop import (
    TWO_DAYS,
    Post,
    a_rule,
    again,
    customer_wrote,
    look,
    manager,
    read_mailboxes,
    send,
    silent_case,
    silent_cases,
    we_wrote,
    with_draft,
)
from tests.mail.test_side_by_side import threads, until

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def nobody_stumbles(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A deadlock that the loop survives is one all the same: it is logged as a case that cannot be reviewed."""
    yield
    assert [record.getMessage() for record in caplog.get_records("call") if record.levelname == "ERROR"] == []


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return int((cursor.fetchone() or (0,))[0])


def while_the_case_is_held(case: Case, work: Callable[[], object], then: Callable[[], object]) -> list[BaseException]:
    """Hold the case as a verb does, let `work` run into it, do `then`, and commit."""
    with threads(work) as errors, transaction.atomic():
        locked(case.pk)
        until(lambda: waiting_for_locks() > 0)
        then()
    return errors


def test_a_closing_and_a_change_of_the_case_do_not_wait_for_each_other_for_ever(monday: datetime) -> None:
    """Cases are locked before their reviews by everybody."""
    case = silent_case("full", monday, follow_ups=1)
    wednesday = monday + TWO_DAYS
    read_mailboxes(wednesday)

    errors = while_the_case_is_held(
        case,
        lambda: review_due(lambda: wednesday, Helpers.builtin()),
        lambda: mark([case.pk], wednesday + SECOND),
    )

    assert errors == []
    assert again(case).status == "active", "the mark came first, so the old look is thrown away"
    assert CaseReview.objects.get(case=case).review_at == wednesday + SECOND


def test_an_answer_filed_while_the_case_is_about_to_be_closed_keeps_it_open(monday: datetime) -> None:
    """P2."""
    case = silent_case("full", monday, follow_ups=1)
    wednesday = monday + TWO_DAYS
    read_mailboxes(wednesday)

    errors = while_the_case_is_held(
        case,
        lambda: review_due(lambda: wednesday, Helpers.builtin()),
        lambda: customer_wrote(case, wednesday, label="question"),
    )

    assert errors == []
    look(wednesday + SECOND)
    assert again(case).status == "active"
    assert SuggestedAction.objects.get(case=case).kind == "reply_to_customer"


def test_a_closing_does_not_wait_for_a_row_that_only_points_to_its_case(monday: datetime) -> None:
    """Whoever has written one may be waiting for the closing: to mark the case, for its last mail."""
    case = silent_case("full", monday, follow_ups=1)
    wednesday = monday + TWO_DAYS
    read_mailboxes(wednesday)
    with transaction.atomic():
        Activity.objects.create(case=case, kind="note", subject="Note", occurred_at=wednesday)
        with threads(lambda: review_due(lambda: wednesday, Helpers.builtin())) as errors:
            pass
        assert errors == []
        assert again(case).status == "resolved"


def test_two_people_who_send_off_the_same_draft_send_one_mail(monday: datetime) -> None:
    """P1, P4."""
    case, action = with_draft(monday)
    wednesday = monday + TWO_DAYS
    said: list[str] = []

    def send_off() -> None:
        try:
            approvals.approve(action.pk, actor=factories.user(), now=wednesday)
            said.append("sent off")
        except FollowUpError as error:
            said.append(str(error))

    with threads(send_off, send_off) as errors:
        pass
    assert errors == []
    assert sorted(said) == ["There is no draft to send. Load the page again.", "sent off"]
    post = Post()
    with threads(lambda: send(wednesday + SECOND, post), lambda: send(wednesday + SECOND, post)) as errors:
        pass
    assert errors == []
    assert len(post.taken) == 1
    assert Message.objects.filter(case=case, state="sent").count() == 2


def test_taking_back_while_the_mail_is_claimed_ends_in_one_of_two_ways(monday: datetime) -> None:
    _, action = with_draft(monday)
    wednesday = monday + TWO_DAYS
    approvals.approve(action.pk, actor=factories.user(), now=wednesday)
    post = Post()

    def take_back() -> None:
        with contextlib.suppress(FollowUpError):
            approvals.take_back(action.pk, actor=factories.user(), now=wednesday + SECOND)

    with threads(lambda: send(wednesday + SECOND, post), take_back) as errors:
        pass
    assert errors == []
    states = (again(action).state, again(action.message).state, len(post.taken))
    assert states in {("done", "sent", 1), ("proposed", "draft", 0)}


def test_two_workers_review_each_case_once(monday: datetime) -> None:
    """P1: no follow-up twice, however many look."""
    a_rule("full", monday - timedelta(days=1))
    silent_cases(30, monday)
    look(monday)
    type(manager()).objects.application_user()
    wednesday = monday + TWO_DAYS
    read_mailboxes(wednesday)

    def work() -> None:
        while review_due(lambda: wednesday, Helpers.builtin(), limit=7):
            pass

    with threads(work, work) as errors:
        pass
    assert errors == []
    assert SuggestedAction.objects.count() == 20, "the guard counts over both workers"
    assert Message.objects.filter(origin="automatic").count() == 20


def test_two_claims_for_two_customers_in_opposite_order_take_their_slots_without_a_deadlock(monday: datetime) -> None:
    from caseloop.followups import slots

    case = factories.case(now=monday)
    ada, ben = (we_wrote(case, monday, to_addresses=[f"{name}@cafe.example"]) for name in ("ada", "ben"))
    granted: list[set[int]] = []

    def claim(first: Message, second: Message) -> Callable[[], None]:
        def work() -> None:
            with transaction.atomic():
                granted.append(slots.take([first, second], 24, monday))
                time.sleep(0.1)

        return work

    with threads(claim(ada, ben), claim(ben, ada)) as errors:
        pass
    assert errors == []
    assert ContactSlot.objects.count() == 2


def test_of_two_claims_to_one_address_one_gets_the_slot(monday: datetime) -> None:
    from caseloop.followups import slots

    case = factories.case(now=monday)
    one, other = we_wrote(case, monday), we_wrote(case, monday)
    granted: list[set[int]] = []

    def claim(message: Message) -> Callable[[], None]:
        def work() -> None:
            with transaction.atomic():
                granted.append(slots.take([message], 24, monday))
                time.sleep(0.1)

        return work

    with threads(claim(one), claim(other)) as errors:
        pass
    assert errors == []
    assert sorted(len(ids) for ids in granted) == [0, 1]


def test_people_the_loop_senders_and_managers_all_at_once(monday: datetime) -> None:
    """A shuffled crowd over the same few cases: no deadlock, nothing sent twice, no case in nobody's list (P1, P4, P5)."""
    rule = a_rule("full", monday - timedelta(days=1), closes_without_notice=True)
    cases = silent_cases(12, monday)
    look(monday)
    type(manager()).objects.application_user()
    wednesday = monday + TWO_DAYS
    read_mailboxes(wednesday)
    post, sofia, mira = Post(), factories.user(), manager()
    ends_at = time.monotonic() + 4
    refusals = (FollowUpError, CaseError, CaseChangedMeanwhile)

    def crowd(seed: int, *verbs: Callable[[random.Random], object]) -> Callable[[], None]:
        chance = random.Random(seed)

        def work() -> None:
            while time.monotonic() < ends_at:
                with contextlib.suppress(*refusals):
                    chance.choice(verbs)(chance)

        return work

    def person(chance: random.Random) -> None:
        case, action = chance.choice(cases), chance.choice([*SuggestedAction.objects.all()] or [None])
        verbs: list[Callable[[], object]] = [
            lambda: approvals.skip(case.pk, actor=sofia, now=wednesday),
            lambda: approvals.stop(case.pk, actor=sofia, now=wednesday),
            lambda: approvals.continue_follow_ups(case.pk, actor=sofia, now=wednesday),
            lambda: edit_case(
                case.pk,
                {"priority": chance.choice(["low", "high"])},
                actor=sofia,
                now=wednesday,
                version=Case.objects.get(pk=case.pk).version,
            ),
        ]
        if action is not None:
            verbs += [
                lambda: approvals.approve(action.pk, actor=sofia, now=wednesday),
                lambda: approvals.take_back(action.pk, actor=sofia, now=wednesday),
                lambda: approvals.discard(action.pk, actor=sofia, now=wednesday),
            ]
        chance.choice(verbs)()

    def boss(chance: random.Random) -> None:
        chance.choice(
            [
                lambda: rules.reorder([rule.pk], actor=mira, now=wednesday),
                lambda: mark_waiting(wednesday),
                lambda: on_read(factories.mailbox().pk, wednesday),
                lambda: guard.heartbeat(wednesday),
                lambda: rules.stop_all_sending(chance.random() < 0.2, actor=mira, now=wednesday),
            ]
        )()

    with threads(
        crowd(1, lambda chance: review_due(lambda: wednesday, Helpers.builtin(), limit=5)),
        crowd(2, lambda chance: review_due(lambda: wednesday, Helpers.builtin(), limit=5)),
        crowd(3, lambda chance: send(wednesday + SECOND, post)),
        crowd(4, person),
        crowd(5, boss),
    ) as errors:
        pass

    assert errors == []
    rules.stop_all_sending(False, actor=mira, now=wednesday)
    look(wednesday)
    ids = [raw.split(b"Message-ID: ")[1].split(b"\r\n")[0] for raw in post.taken]
    assert len(ids) == len(set(ids))
    for case in cases:
        assert Message.objects.filter(case=case, origin="automatic", state="sent").count() <= 1
        for series in Enrolment.objects.filter(case=case, state="running"):
            is_shown = SuggestedAction.objects.filter(case=case, state__in=["proposed", "approved"]).exists()
            review = CaseReview.objects.get(case=case)
            assert is_shown or review.review_at is not None, f"{case} of {series} is in nobody's list"


def test_the_loop_skips_nobody_when_a_lock_could_not_be_had(monday: datetime) -> None:
    """A worker that dies with its locks leaves the lease to end by itself (P6)."""
    case = silent_case("full", monday)
    wednesday = monday + TWO_DAYS
    read_mailboxes(wednesday)

    def killed() -> None:
        with transaction.atomic():
            lock_cases([case.pk])
            CaseReview.objects.select_for_update().get(pk=case.pk)
            raise DatabaseError("the connection is gone")

    with threads(killed) as errors:
        pass
    assert len(errors) == 1
    look(wednesday)
    assert SuggestedAction.objects.get(case=case).state == "approved"
    assert Rule.objects.count() == 1
