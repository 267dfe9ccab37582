"""What a stored mail becomes: a message on its case, a case, a doubt, a bounce; nothing malformed is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest

from caseloop.administration.models import GlobalSettings
from caseloop.cases.changes import NewCase, create_case
from caseloop.cases.models import Activity, Case, CaseReview, Contact, ContactAddress, StatusReason
from caseloop.demo.bounces import Bounce, delivery_status_notification
from caseloop.demo.mail_system import MailSystem, Step
from caseloop.domain.lifecycle import MessageState
from caseloop.mail import processing
from caseloop.mail.last_look import always
from caseloop.mail.models import InboundMail, Mailbox, MailDoubt, Message
from caseloop.mail.outgoing import Letter, write_mail
from caseloop.mail.processing import process_stored
from caseloop.mail.send import recover, send_due
from caseloop.mail.threads import recipients_for_reply
from tests import factories
from tests.mail.conftest import ANNA, OURS
from tests.mail.letters_in import mail_in

pytestmark = pytest.mark.django_db
_uids = count(1)
Arrive = Callable[..., InboundMail]


@pytest.fixture
def tuesday(monday: datetime) -> datetime:
    return monday + timedelta(days=1)


@pytest.fixture
def arrive(mailbox: Mailbox, tuesday: datetime) -> Arrive:
    """A mail that is stored, and processed as often as the loop would."""

    def store(raw: bytes, at: datetime | None = None, folder: str = "INBOX", box: Mailbox = mailbox) -> InboundMail:
        stored = InboundMail.objects.create(
            mailbox=box,
            folder=folder,
            uidvalidity=1,
            uid=next(_uids),
            raw=raw,
            digest=hashlib.sha256(raw).hexdigest(),
            fetched_at=at or tuesday,
        )
        for _ in range(processing.ATTEMPTS):
            process_stored(box.pk, at or tuesday)
        stored.refresh_from_db()
        return stored

    return store


def case_with_our_mail(title: str, mailbox: Mailbox, now: datetime, to: str = ANNA, **fields: object) -> Case:
    """A case whose customer has our mail; the next move is theirs."""
    case = factories.case(title, now=now, **fields)
    write_mail(case.pk, Letter(to=[to], subject=title, text="Does it work?"), author=factories.user(), now=now)
    send_due(mailbox.pk, lambda: now, always)
    case.refresh_from_db()
    assert case.next_move == "customer"
    return case


def our_mail(case: Case) -> Message:
    found = Message.objects.filter(case=case, direction="out").order_by("-pk").first()
    assert found is not None
    return found


def doubted(*messages: Message) -> set[int]:
    return set(MailDoubt.objects.filter(message__in=messages, answer="").values_list("case_id", flat=True))


# where it goes


def test_a_reply_goes_to_the_case_whose_mail_it_answers(
    mailbox: Mailbox, arrive: Arrive, monday: datetime, tuesday: datetime
) -> None:
    case = case_with_our_mail("Grinder", mailbox, monday)
    CaseReview.objects.update(review_at=None)

    stored = arrive(mail_in("It works.\n\n> Does it work?\n", answers=our_mail(case).message_id))

    assert stored.state == "processed"
    message = stored.message
    assert message is not None
    assert (message.case, message.kind, message.match, message.is_trusted) == (case, "human", "reference", True)
    assert (message.new_text.strip(), message.occurred_at) == ("It works.", tuesday)
    case.refresh_from_db()
    assert (case.next_move, case.last_inbound_kind, case.last_inbound_at) == ("us", "human", tuesday)
    assert Activity.objects.get(direction="in").subject == "Anna Löwenherz wrote"
    assert CaseReview.objects.get(case=case).review_at == tuesday
    assert not MailDoubt.objects.exists()


def test_the_most_recent_reference_that_we_know_wins(mailbox: Mailbox, arrive: Arrive, monday: datetime) -> None:
    older = case_with_our_mail("Grinder", mailbox, monday)
    newer = case_with_our_mail("Kettle", mailbox, monday)
    references = f"{our_mail(older).message_id} {our_mail(newer).message_id} <unknown@elsewhere.example>"
    stored = arrive(mail_in(answers="<unknown@elsewhere.example>", references=references))
    assert stored.message is not None
    assert stored.message.case == newer


def test_a_case_number_in_the_subject_is_enough_but_a_wrong_check_is_none(
    mailbox: Mailbox, arrive: Arrive, monday: datetime
) -> None:
    case = case_with_our_mail("Grinder", mailbox, monday)
    stored = arrive(mail_in(subject=f"AW: Grinder [{case.number.lower()}]"))
    assert stored.message is not None
    assert (stored.message.case, stored.message.match) == (case, "case number")
    wrong = case.number[:-1] + ("A" if case.number[-1] != "A" else "B")
    other = arrive(mail_in(subject=f"AW: Grinder [{wrong}]"))
    assert other.message is not None
    assert other.message.case != case


def test_a_reply_to_the_signed_address_needs_no_references(
    mailbox: Mailbox, mail_system: MailSystem, arrive: Arrive, monday: datetime
) -> None:
    Mailbox.objects.update(allows_plus_addresses=True)
    case = case_with_our_mail("Grinder", mailbox, monday)
    reply_to = mail_system.accepted[-1].envelope_from
    assert reply_to.startswith("support+m")
    assert f"Reply-To: Contoso Support <{reply_to}>".encode() in mail_system.accepted[-1].raw
    stored = arrive(mail_in("Works", to=reply_to, subject="Hello"))
    assert stored.message is not None
    assert (stored.message.case, stored.message.match) == (case, "signed address")
    forged = arrive(mail_in("Works", to=reply_to.replace("-", "-a", 1), subject="Hello"))
    assert forged.message is not None
    assert forged.message.case != case


def test_mail_of_a_merged_case_goes_to_the_case_it_went_into(
    mailbox: Mailbox, arrive: Arrive, monday: datetime
) -> None:
    merged, into = case_with_our_mail("Grinder", mailbox, monday), factories.case("All of it", now=monday)
    reason = StatusReason.objects.get(key="merged")
    Case.objects.filter(pk=merged.pk).update(merged_into=into, status="cancelled", status_reason=reason)
    stored = arrive(mail_in(answers=our_mail(merged).message_id))
    assert stored.message is not None
    assert stored.message.case == into


def test_a_mail_that_nothing_is_known_of_opens_a_case(mailbox: Mailbox, arrive: Arrive, tuesday: datetime) -> None:
    mailbox.queues.add(factories.queue("Coffee"))
    stored = arrive(mail_in("My kettle leaks.", sender="Bob <BOB@shop.example>", subject="Kettle"))
    assert stored.message is not None
    case = stored.message.case
    assert case is not None
    assert (case.title, case.queue.name, case.origin, case.next_move) == ("Kettle", "Coffee", "email", "us")
    assert case.contact is not None
    assert (case.contact.name, case.contact.address) == ("Bob", "bob@shop.example")
    assert stored.message.is_trusted
    assert CaseReview.objects.get(case=case).review_at == tuesday
    assert recipients_for_reply(case).to == ("bob@shop.example",)


def test_whether_mail_opens_cases_can_be_switched_off(mailbox: Mailbox, arrive: Arrive) -> None:
    GlobalSettings.objects.update(opens_cases_from_mail=False)
    stored = arrive(mail_in())
    assert stored.message is not None
    assert stored.message.case is None
    assert not Case.objects.exists()


def test_junk_opens_no_case_but_an_answer_in_it_is_found(mailbox: Mailbox, arrive: Arrive, monday: datetime) -> None:
    mailbox.folders.create(name="Junk", is_junk=True)
    case = case_with_our_mail("Grinder", mailbox, monday)
    assert arrive(mail_in("Buy now", sender="x@spam.example"), folder="Junk").message.case is None  # type: ignore[union-attr]
    assert arrive(mail_in(answers=our_mail(case).message_id), folder="Junk").message.case == case  # type: ignore[union-attr]


# once


def test_the_same_mail_in_two_mailboxes_is_one_message(mailbox: Mailbox, arrive: Arrive, monday: datetime) -> None:
    other = factories.mailbox("sales@contoso.example", is_default=False)
    raw = mail_in("Hello", to=f"{OURS}, sales@contoso.example")
    first = arrive(b"Received: one\n" + raw)
    second = arrive(b"Received: two\n" + raw, box=other)
    assert first.message == second.message
    assert Message.objects.count() == Case.objects.count() == 1


def test_another_mail_that_uses_the_same_message_id_is_not_lost(
    mailbox: Mailbox, arrive: Arrive, monday: datetime
) -> None:
    case = case_with_our_mail("Grinder", mailbox, monday)
    answers = our_mail(case).message_id
    arrive(mail_in("First", answers=answers, message_id="<same@cafe.example>"))
    arrive(mail_in("Second", answers=answers, message_id="<same@cafe.example>"))
    texts = Message.objects.filter(case=case, direction="in").order_by("pk").values_list("text", flat=True)
    assert [text.strip() for text in texts] == ["First", "Second"]


def test_processing_twice_changes_nothing(mailbox: Mailbox, arrive: Arrive, tuesday: datetime) -> None:
    arrive(mail_in())
    InboundMail.objects.update(state="stored")  # as if the worker had died before it could say so
    process_stored(mailbox.pk, tuesday)
    assert (Message.objects.count(), Case.objects.count()) == (1, 1)


def test_our_own_copy_is_ignored_and_settles_a_mail_whose_hand_over_was_in_doubt(
    mailbox: Mailbox, mail_system: MailSystem, arrive: Arrive, monday: datetime
) -> None:
    case = factories.case(now=monday)
    mail_system.cut(ANNA, Step.FINAL_DOT, delivered=True, times=1)
    written = write_mail(case.pk, Letter(to=[ANNA], text="Hello"), author=factories.user(), now=monday)
    send_due(mailbox.pk, lambda: monday, always)
    written.refresh_from_db()
    assert written.state == "unconfirmed"

    stored = arrive(mail_system.accepted[0].raw)

    assert (stored.state, stored.message) == ("ignored", written)
    written.refresh_from_db()
    assert (written.state, written.sent_at) == ("sent", written.doubted_at)
    recover(lambda: monday + timedelta(hours=1))
    case.refresh_from_db()
    assert (case.next_move, Activity.objects.filter(kind="email").count()) == ("customer", 1)


def test_an_answer_to_a_mail_in_doubt_shows_that_it_was_sent(
    mailbox: Mailbox, mail_system: MailSystem, arrive: Arrive, monday: datetime
) -> None:
    case = factories.case(now=monday)
    mail_system.cut(ANNA, Step.FINAL_DOT, delivered=True, times=1)
    written = write_mail(case.pk, Letter(to=[ANNA], text="Hello"), author=factories.user(), now=monday)
    send_due(mailbox.pk, lambda: monday, always)
    arrive(mail_in(answers=written.message_id))
    recover(lambda: monday + timedelta(days=2))
    written.refresh_from_db()
    case.refresh_from_db()
    assert (written.state, case.next_move) == ("sent", "us")


def test_a_mail_that_only_pretends_to_be_ours_is_no_copy(mailbox: Mailbox, arrive: Arrive, monday: datetime) -> None:
    case = case_with_our_mail("Grinder", mailbox, monday)
    stored = arrive(mail_in("I am angry", message_id=our_mail(case).message_id, answers=our_mail(case).message_id))
    assert stored.state == "processed"
    assert stored.message is not None
    assert (stored.message.case, stored.message.kind) == (case, "human")


def test_a_web_form_that_writes_in_our_name_is_its_customers_mail(mailbox: Mailbox, arrive: Arrive) -> None:
    stored = arrive(mail_in("I need help", sender=f"Contact form <{OURS}>", Reply_To="Bob <bob@shop.example>"))
    assert stored.message is not None
    assert (stored.message.kind, stored.message.from_address) == ("human", "bob@shop.example")
    assert Contact.objects.get(addresses__address="bob@shop.example").cases.count() == 1


# whom we believe


def test_a_stranger_who_names_a_case_is_filed_on_it_and_not_believed(
    mailbox: Mailbox, arrive: Arrive, monday: datetime
) -> None:
    case = case_with_our_mail("Grinder", mailbox, monday)
    stored = arrive(mail_in("Close it.", sender="eve@evil.example", subject=case.number, cc="evil2@evil.example"))
    assert stored.message is not None
    assert (stored.message.case, stored.message.is_trusted) == (case, False)
    again = arrive(mail_in("Yes, close it.", sender="evil2@evil.example", subject=case.number))
    assert again.message is not None
    assert not again.message.is_trusted
    assert recipients_for_reply(case).to == (ANNA,)


def test_a_colleague_whom_we_wrote_to_is_believed(mailbox: Mailbox, arrive: Arrive, monday: datetime) -> None:
    case = factories.case(now=monday)
    letter = Letter(to=[ANNA], cc=["bob@cafe.example"], text="Hello")
    write_mail(case.pk, letter, author=factories.user(), now=monday)
    send_due(mailbox.pk, lambda: monday, always)
    stored = arrive(mail_in(sender="bob@cafe.example", answers=our_mail(case).message_id))
    assert stored.message is not None
    assert stored.message.is_trusted
    assert recipients_for_reply(case).to == ("bob@cafe.example",)


def test_a_mail_that_fails_dmarc_is_not_believed(mailbox: Mailbox, arrive: Arrive, monday: datetime) -> None:
    Mailbox.objects.update(trusted_authserv_id="mx.contoso.example")
    case = case_with_our_mail("Grinder", mailbox, monday)
    forged = b"Authentication-Results: mx.contoso.example; dmarc=fail header.from=cafe.example\n"
    stored = arrive(forged + mail_in(answers=our_mail(case).message_id))
    assert stored.message is not None
    assert (stored.message.case, stored.message.is_trusted) == (case, False)


# doubt


def test_an_answer_to_one_case_leaves_the_contacts_other_cases_alone(
    mailbox: Mailbox, arrive: Arrive, monday: datetime
) -> None:
    case = case_with_our_mail("Grinder", mailbox, monday)
    case_with_our_mail("Kettle", mailbox, monday)
    arrive(mail_in("It works.", answers=our_mail(case).message_id))
    assert not MailDoubt.objects.exists()


def test_an_answer_that_names_another_case_or_speaks_of_several_holds_those_too(
    mailbox: Mailbox, arrive: Arrive, monday: datetime
) -> None:
    grinder, kettle, scale = (case_with_our_mail(t, mailbox, monday) for t in ("Grinder", "Kettle", "Scale"))
    named = arrive(mail_in(f"Works. {kettle.number} too.", answers=our_mail(grinder).message_id))
    assert named.message is not None
    assert doubted(named.message) == {kettle.pk}
    several = arrive(mail_in("All three are solved, thanks!", answers=our_mail(grinder).message_id))
    assert several.message is not None
    assert doubted(several.message) == {kettle.pk, scale.pk}


def test_a_new_mail_of_the_contact_holds_all_their_cases_that_wait_for_them(
    mailbox: Mailbox, arrive: Arrive, monday: datetime, tuesday: datetime
) -> None:
    waits = case_with_our_mail("Grinder", mailbox, monday)
    our_turn = factories.case("Kettle", now=monday, next_move="us")
    somebody_elses = case_with_our_mail(
        "Scale", mailbox, monday, to="bob@cafe.example", contact=factories.contact("Bob", "bob@cafe.example")
    )
    CaseReview.objects.update(review_at=None)
    stored = arrive(mail_in("It still does not work!", subject="Complaint"))
    assert stored.message is not None
    assert stored.message.case not in (waits, our_turn, somebody_elses)
    assert doubted(stored.message) == {waits.pk}
    assert CaseReview.objects.get(case=waits).review_at == tuesday


def test_a_new_mail_that_names_one_case_still_holds_the_others_of_its_sender(
    mailbox: Mailbox, arrive: Arrive, monday: datetime
) -> None:
    grinder, kettle = (case_with_our_mail(title, mailbox, monday) for title in ("Grinder", "Kettle"))
    stored = arrive(mail_in("Solved", subject=grinder.number))
    assert stored.message is not None
    assert (stored.message.case, doubted(stored.message)) == (grinder, {kettle.pk})


def test_somebody_on_the_thread_who_writes_anew_holds_that_case(
    mailbox: Mailbox, arrive: Arrive, monday: datetime
) -> None:
    case = factories.case(now=monday)
    write_mail(case.pk, Letter(to=[ANNA], cc=["bob@cafe.example"], text="Hello"), author=factories.user(), now=monday)
    send_due(mailbox.pk, lambda: monday, always)
    stored = arrive(mail_in("About that", sender="bob@cafe.example"))
    assert stored.message is not None
    assert doubted(stored.message) == {case.pk}


def test_an_answer_to_a_mail_of_a_closed_case_may_mean_an_open_one(
    mailbox: Mailbox, arrive: Arrive, monday: datetime
) -> None:
    closed, waits = (case_with_our_mail(title, mailbox, monday) for title in ("Grinder", "Kettle"))
    no_response = StatusReason.objects.get(key="no_response")
    Case.objects.filter(pk=closed.pk).update(status="resolved", status_reason=no_response, next_move="none")
    stored = arrive(mail_in("Still broken", answers=our_mail(closed).message_id))
    assert stored.message is not None
    assert (stored.message.case, doubted(stored.message)) == (closed, {waits.pk})
    closed.refresh_from_db()
    assert (closed.status, closed.next_move) == ("resolved", "none")


def test_a_mail_of_ours_that_is_just_going_out_counts_as_waiting(
    mailbox: Mailbox, arrive: Arrive, monday: datetime
) -> None:
    case = factories.case(now=monday)
    written = write_mail(case.pk, Letter(to=[ANNA], text="Hello"), author=factories.user(), now=monday)
    Message.objects.filter(pk=written.pk).update(state="sent", sent_at=monday)
    stored = arrive(mail_in("Hello?"))
    assert stored.message is not None
    assert doubted(stored.message) == {case.pk}


# machines


def test_an_absence_notice_is_filed_and_changes_nobodys_turn(
    mailbox: Mailbox, arrive: Arrive, monday: datetime, tuesday: datetime
) -> None:
    case = case_with_our_mail("Grinder", mailbox, monday)
    text = "I am out of office until 30 November 2026. In urgent cases please contact my colleagues."
    headers = {"Auto_Submitted": "auto-replied"}
    stored = arrive(mail_in(text, subject="Automatic reply: Grinder", answers=our_mail(case).message_id, **headers))
    message = stored.message
    assert message is not None
    assert (message.case, message.kind, message.automatic_kind) == (case, "automatic", "away")
    assert message.resume_on is not None
    case.refresh_from_db()
    assert (case.next_move, case.last_inbound_kind, case.last_inbound_at) == ("customer", "automatic", tuesday)


def test_an_absence_notice_without_references_goes_to_the_one_case_that_waits_else_all_are_in_doubt(
    mailbox: Mailbox, arrive: Arrive, monday: datetime
) -> None:
    text, headers = "I am out of office until further notice.", {"Auto_Submitted": "auto-replied"}
    first = case_with_our_mail("Grinder", mailbox, monday)
    stored = arrive(mail_in(text, subject="Out of office", **headers))
    assert stored.message is not None
    assert stored.message.case == first
    second = case_with_our_mail("Kettle", mailbox, monday)
    unclear = arrive(mail_in(text, subject="Out of office", **headers))
    assert unclear.message is not None
    assert (unclear.message.case, doubted(unclear.message)) == (None, {first.pk, second.pk})
    assert Case.objects.count() == 2


def bounce_of(message: Message, raw: bytes, **fields: object) -> bytes:
    return delivery_status_notification(
        Bounce(**fields),  # type: ignore[arg-type]
        failed_recipient=message.to_addresses[0],
        sent_back_to=OURS,
        original=raw,
        host="mx.cafe.example",
        at=message.sent_at or message.occurred_at,
    )


def test_a_bounce_marks_the_mail_the_address_and_the_case(
    mailbox: Mailbox, mail_system: MailSystem, arrive: Arrive, monday: datetime, tuesday: datetime
) -> None:
    case = case_with_our_mail("Grinder", mailbox, monday)
    CaseReview.objects.update(review_at=None)
    stored = arrive(bounce_of(our_mail(case), mail_system.accepted[-1].raw))
    assert stored.message is not None
    assert (stored.message.case, stored.message.kind) == (case, "undeliverable")
    assert (our_mail(case).bounce, our_mail(case).bounced_at) == ("permanent", tuesday)
    assert our_mail(case).state == MessageState.SENT.value
    assert ContactAddress.objects.get(address=ANNA).undeliverable_since == tuesday
    assert CaseReview.objects.get(case=case).review_at == tuesday
    assert recipients_for_reply(case).to == ()
    case.refresh_from_db()
    assert case.next_move == "customer"


def test_a_bounce_that_returns_no_mail_of_ours_only_puts_the_contacts_cases_in_doubt(
    mailbox: Mailbox, mail_system: MailSystem, arrive: Arrive, monday: datetime
) -> None:
    case = case_with_our_mail("Grinder", mailbox, monday)
    invented = mail_system.accepted[-1].raw.replace(our_mail(case).message_id.encode(), b"<invented@x.example>")
    invented = invented.replace(case.number.encode(), b"")
    stored = arrive(bounce_of(our_mail(case), invented))
    assert stored.message is not None
    assert (stored.message.case, doubted(stored.message)) == (None, {case.pk})
    assert our_mail(case).bounce == ""
    assert ContactAddress.objects.get(address=ANNA).undeliverable_since is None


# what cannot be read


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe", b"no header at all", b"From: \n\n", b"\n\n\n"])
def test_what_is_no_mail_is_kept_marked_and_stops_nobody(raw: bytes, mailbox: Mailbox, arrive: Arrive) -> None:
    stored = arrive(raw)
    assert stored.state == "unreadable"
    assert stored.problem
    assert arrive(mail_in()).state == "processed"


def test_a_mail_that_breaks_the_processing_is_kept_and_holds_its_senders_cases(
    mailbox: Mailbox, arrive: Arrive, monday: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = case_with_our_mail("Grinder", mailbox, monday)

    def broken(*given: object, **named: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(processing, "understand", broken)
    stored = arrive(mail_in("Something important"))
    assert (stored.state, stored.attempts, stored.problem) == ("unreadable", 3, "RuntimeError: a bug of ours")
    assert stored.message is not None
    assert (stored.message.kind, doubted(stored.message)) == ("unreadable", {case.pk})


def test_an_answer_that_cannot_be_read_is_an_answer_all_the_same(
    mailbox: Mailbox, arrive: Arrive, monday: datetime
) -> None:
    case = case_with_our_mail("Grinder", mailbox, monday)
    encrypted = (
        f"From: {ANNA}\nTo: {OURS}\nMessage-ID: <e@cafe.example>\nIn-Reply-To: {our_mail(case).message_id}\n"
        "MIME-Version: 1.0\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data\n"
        "Content-Transfer-Encoding: base64\n\nMIAGCSqGSIb3DQEHA6CAMIACAQA=\n"
    )
    stored = arrive(encrypted.encode())
    assert stored.message is not None
    assert (stored.state, stored.message.case, stored.message.kind) == ("processed", case, "unreadable")
    case.refresh_from_db()
    assert case.next_move == "us"


def test_a_case_without_contact_is_found_by_its_number_and_nobody_is_believed(
    mailbox: Mailbox, arrive: Arrive, monday: datetime
) -> None:
    case = create_case(NewCase(title="Imported", queue=factories.queue()), actor=None, now=monday)
    stored = arrive(mail_in("Hello", subject=case.number))
    assert stored.message is not None
    assert (stored.message.case, stored.message.is_trusted) == (case, False)
