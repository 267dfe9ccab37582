"""The rows behind the browser's stories: one case with a follow-up to review, one with an angry answer, one in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from caseloop.accounts.models import User
from caseloop.cases import changes
from caseloop.cases.models import Case
from caseloop.cases.models.activity import ActivityKind
from caseloop.followups.models import SuggestedAction
from caseloop.mail.models import MailDoubt, Message
from tests import cast, factories

HOUR = timedelta(hours=1)
HARMFUL = """<p>Die Mühle bleibt stehen.</p><script>parent.document.title = 'stolen'</script>
<img src="https://spy.example/pixel.png" onerror="alert(1)"><form action="https://evil.example"><button>Go</button></form>"""


@dataclass(frozen=True)
class Desk:
    """What lies on Sofia's desk on Monday 23 November 2026, 10:14 UTC."""

    due: Case
    follow_up: SuggestedAction
    angry: Case
    answer: Message
    doubtful: Case


def desk(sofia: User, now: datetime) -> Desk:
    """Three cases with the longest German and Japanese names that we know of."""
    due = _case(
        "Contoso Coffee: grinder stops after firmware 4.2",
        sofia,
        now,
        "Anna-Katharina von Hohenberg-Westerwelle",
        "anna@cafe.example",
    )
    cast.mail_out(due, now - 4 * cast.DAY, "Bitte spielen Sie Firmware 4.2.1 ein.", language="de")
    changes.add_work(
        due.pk, ActivityKind.TASK, "Order replacement burr set", actor=sofia, now=now - cast.DAY, due_at=None
    )
    follow_up = cast.suggested_follow_up(due, now - 2 * HOUR, cast.series(due, now - 4 * cast.DAY))

    angry = _case(
        "Contoso Coffee: milk frother error E17",
        sofia,
        now,
        "Maximilian Oberstaller-Schwarzenbacher",
        "max@baecker.example",
    )
    cast.mail_out(angry, now - 5 * cast.DAY)
    answer = cast.mail_in(
        angry,
        now - timedelta(minutes=42),
        "Leider immer noch derselbe Fehler.",
        "negative",
        language="de",
        html=HARMFUL,
    )
    cast.suggested_reply(angry, now - timedelta(minutes=40), cast.series(angry, now - 5 * cast.DAY), answer)

    doubtful = _case("Contoso Coffee: service contract", sofia, now, "勅使河原 美智子", "teshigawara@jp.example")
    cast.mail_out(doubtful, now - HOUR)
    cast.series(doubtful, now - HOUR, cast.rule("Invoices and deliveries", "full"))
    MailDoubt.objects.create(message=answer, case=doubtful, reason="Same domain as the contact", asked_at=now)
    return Desk(due=due, follow_up=follow_up, angry=angry, answer=answer, doubtful=doubtful)


def _case(title: str, owner: User, now: datetime, name: str, address: str) -> Case:
    contact = factories.contact(name, address, language="de", time_zone="Europe/Berlin")
    return factories.case(title, now=now - 11 * cast.DAY, owner=owner, contact=contact)
