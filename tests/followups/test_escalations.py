"""What has waited so long that it is the manager's now (spec 3.6, 3.14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from caseloop.administration.models import BusinessCalendar
from caseloop.followups.escalations import Late, escalated
from caseloop.followups.models import Reading
from caseloop.mail.models import MailDoubt
from caseloop.mail.opening import mark_opened
from tests import factories
from tests.followups.loop import customer_wrote, we_wrote

pytestmark = pytest.mark.django_db
FRIDAY_15 = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
"""Three working hours before the weekend."""


def ids(late: Late, now: datetime) -> list[int]:
    return [item.id for item in escalated(now)[late]]


@pytest.fixture(autouse=True)
def hours() -> None:
    """Monday to Friday, 8 to 18, UTC."""
    days = {str(day): [["08:00", "18:00"]] for day in range(5)}
    BusinessCalendar.objects.update(zone="UTC")
    assert BusinessCalendar.objects.filter(is_default=True).exists(), days


def test_a_negative_answer_is_the_managers_after_four_working_hours() -> None:
    case = factories.case(now=FRIDAY_15)
    answer = customer_wrote(case, FRIDAY_15, label="negative")
    assert ids(Late.NEGATIVE, datetime(2026, 11, 23, 8, 59, tzinfo=UTC)) == []
    assert ids(Late.NEGATIVE, datetime(2026, 11, 23, 9, 1, tzinfo=UTC)) == [answer.pk]


@pytest.mark.parametrize("dealt_with", ["reply", "verdict", "closed"])
def test_a_negative_answer_that_somebody_dealt_with_is_nobodys(dealt_with: str) -> None:
    case = factories.case(now=FRIDAY_15)
    answer = customer_wrote(case, FRIDAY_15, label="negative")
    if dealt_with == "reply":
        we_wrote(case, FRIDAY_15 + timedelta(hours=1))
    elif dealt_with == "verdict":
        Reading.objects.filter(message=answer).update(verdict="no_reply_needed")
    else:
        type(case).objects.update(status="resolved")
    assert ids(Late.NEGATIVE, FRIDAY_15 + timedelta(days=14)) == []


def test_an_internal_mail_is_no_reply() -> None:
    case = factories.case(now=FRIDAY_15)
    answer = customer_wrote(case, FRIDAY_15, label="negative")
    we_wrote(case, FRIDAY_15 + timedelta(hours=1), letter={"purpose": "internal"})
    assert ids(Late.NEGATIVE, FRIDAY_15 + timedelta(days=14)) == [answer.pk]


def test_an_unread_mail_is_the_managers_after_a_working_day_whatever_it_was_read_as() -> None:
    case = factories.case(now=FRIDAY_15)
    thanks = customer_wrote(case, FRIDAY_15, label="favorable")
    assert ids(Late.UNREAD, datetime(2026, 11, 23, 14, 59, tzinfo=UTC)) == []
    assert ids(Late.UNREAD, datetime(2026, 11, 24, 8, 1, tzinfo=UTC)) == [thanks.pk]
    mark_opened([thanks.pk], FRIDAY_15)
    assert ids(Late.UNREAD, datetime(2026, 11, 24, 8, 1, tzinfo=UTC)) == []


def test_a_doubt_is_the_managers_after_two_working_days() -> None:
    case, other = factories.case(now=FRIDAY_15), factories.case("Other", now=FRIDAY_15)
    mail = customer_wrote(other, FRIDAY_15)
    doubt = MailDoubt.objects.create(message=mail, case=case, reason="?", asked_at=FRIDAY_15)
    assert ids(Late.DOUBT, datetime(2026, 11, 24, 14, 59, tzinfo=UTC)) == []
    assert ids(Late.DOUBT, datetime(2026, 11, 25, 8, 1, tzinfo=UTC)) == [doubt.pk]


def test_a_mail_that_was_sent_off_and_does_not_go_is_shown_after_an_hour() -> None:
    case = factories.case(now=FRIDAY_15)
    stuck = we_wrote(case, FRIDAY_15, state="approved", sent_at=None)
    assert ids(Late.NOT_SENT, FRIDAY_15 + timedelta(minutes=59)) == []
    assert ids(Late.NOT_SENT, FRIDAY_15 + timedelta(minutes=61)) == [stuck.pk]


def test_a_mail_that_may_or_may_not_have_gone_is_shown_whoever_wrote_it() -> None:
    case = factories.case(now=FRIDAY_15)
    notice = we_wrote(case, FRIDAY_15, state="unconfirmed", sent_at=None, origin="automatic")
    type(case).objects.update(status="resolved")
    assert ids(Late.NOT_SENT, FRIDAY_15) == [notice.pk]
