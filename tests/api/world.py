"""One small world in which every route has something to do, in a queue that only one team sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from caseloop.accounts.models import Role, Team, User
from caseloop.cases.changes import add_work
from caseloop.cases.models import Case, Contact, Organization, Queue, StatusReason
from caseloop.cases.models.activity import ActivityKind
from caseloop.cases.resolving import ResolutionDetails, resolve_case
from caseloop.followups.models import GuardDay, Pause, Protection
from caseloop.mail.models import MailDoubt, Message
from caseloop.mail.outgoing import Letter, write_mail
from tests import cast, factories

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class World:
    """People, and what stands in the addresses and bodies of the table."""

    sofia: User
    otto: User
    marta: User
    ada: User
    halima: User
    ids: dict[str, int | str]


def make(now: datetime) -> World:
    """Sofia's team sees the queue *Espresso*; Otto's doesn't."""
    people = _people()
    queue = factories.queue("Espresso", is_open_to_all=False)
    queue.teams.add(_team("Baristas", people["sofia"]))
    _team("Others", people["otto"])
    organization = factories.organization()
    anna = factories.contact(organization=organization)
    ids = _ids(queue, anna, organization, people["sofia"])
    ids |= _cases(queue, anna, people["sofia"], now)
    ids |= _standing(ids, now)
    return World(**people, ids=ids)


def _people() -> dict[str, User]:
    return {
        "sofia": factories.user("sofia"),
        "otto": factories.user("otto"),
        "marta": factories.user("marta", Role.MANAGER),
        "ada": factories.user("ada", Role.ADMINISTRATOR),
        "halima": factories.user("halima", Role.AUDITOR),
    }


def _team(name: str, member: User) -> Team:
    team = Team.objects.create(name=name)
    team.members.add(member)
    return team


def _ids(queue: Queue, contact: Contact, organization: Organization, owner: User) -> dict[str, int | str]:
    keys = {"problem_solved": "solved", "cancelled": "cancelled", "waiting_for_details": "details"}
    reasons = {said: StatusReason.objects.get(key=key).pk for key, said in keys.items()}
    return {
        "queue": queue.pk,
        "contact": contact.pk,
        "organization": organization.pk,
        "owner": owner.pk,
        "mailbox": factories.mailbox().pk,
        **reasons,
    }


def _cases(queue: Queue, contact: Contact, owner: User, now: datetime) -> dict[str, int | str]:
    def case(title: str) -> Case:
        made = factories.case(title, now=now - 11 * cast.DAY, queue=queue, contact=contact, owner=owner)
        cast.mail_out(made, now - 3 * cast.DAY)
        return made

    due, leaving, answered, resolved = (case(f"Contoso Coffee {name}") for name in ("due", "leaving", "answer", "end"))
    action = cast.suggested_follow_up(due, now - HOUR, cast.series(due, now - 3 * cast.DAY))
    approved = cast.suggested_follow_up(leaving, now - HOUR, cast.series(leaving, now - 3 * cast.DAY))
    approved.state = "approved"
    approved.save()
    Message.objects.filter(pk=approved.message_id).update(state="approved", approved_at=now, not_before=now + HOUR)
    mail = cast.mail_in(answered, now - HOUR, "Still broken", "negative")
    cast.series(answered, now - 3 * cast.DAY)
    doubt = MailDoubt.objects.create(message=mail, case=leaving, reason="from the contact", asked_at=now)
    end = ResolutionDetails(status_reason=StatusReason.objects.get(key="no_response"))
    resolve_case(resolved.pk, end, actor=owner, now=now)
    work = add_work(due.pk, ActivityKind.TASK, "Call back", actor=owner, now=now, due_at=None)
    return {
        "case": due.number,
        "answered": answered.number,
        "resolved": resolved.number,
        "version": due.version,
        "action": action.pk,
        "approved": approved.pk,
        "mail": mail.pk,
        "waiting_mail": _waiting_mail(answered, owner, now).pk,
        "unconfirmed": _unconfirmed_mail(leaving, now).pk,
        "doubt": doubt.pk,
        "activity": work.pk,
    }


def _waiting_mail(case: Case, author: User, now: datetime) -> Message:
    letter = Letter(to=["anna@cafe.example"], subject="Burrs", text="They come tomorrow.")
    return write_mail(case.pk, letter, author=author, now=now, not_before=now + HOUR)


def _unconfirmed_mail(case: Case, now: datetime) -> Message:
    message = cast.mail_out(case, now - 2 * HOUR)
    Message.objects.filter(pk=message.pk).update(state="unconfirmed", sent_at=None, claimed_at=now - 2 * HOUR)
    return message


def _standing(ids: dict[str, int | str], now: datetime) -> dict[str, int | str]:
    active = cast.rule()
    spare = cast.rule("Spare rule", state="inactive", activated_at=None)
    GuardDay.objects.create(rule=active, day=now.date(), reason="more than 200 acts in a day")
    protection = Protection.objects.create(name="Press", effect="at_most_confirm", contact_id=ids["contact"])
    pause = Pause.objects.create(since=now - HOUR, reason="Trade fair")
    return {"rule": active.pk, "spare": spare.pk, "protection": protection.pk, "pause": pause.pk}
