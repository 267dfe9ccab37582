"""The mailbox cannot be read, hangs, is numbered anew or loses a folder: silence is not proven, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from caseloop.cases.models import Case
from caseloop.demo.mail_system import MailSystem
from caseloop.followups import guard
from caseloop.mail.models import InboundMail, Mailbox
from tests import factories
from tests.faults import impatient
from tests.faults.outcomes import Outcomes
from tests.faults.real_workers import Hold, real_reader, real_workers, until
from tests.faults.world import MONDAY_9, SUPPORT, Play, World
from tests.journeys.stage import ANNA

OTTO, PAULA = "otto@werk.example", "paula@laden.example"
HOUR = timedelta(hours=1)


def three_customers_wait(play: Play) -> None:
    """Tuesday 9:00: Anna, Otto and Paula got Sofia's mail yesterday. Two follow-ups and a closing are to come."""
    play.rule("full", follow_ups=2)
    for number, address in enumerate((ANNA, OTTO, PAULA)):
        contact = factories.contact(f"Customer {number}", address)
        play.we_write(play.case(f"Contoso Coffee: grinder {number}", contact=contact), to=address)
    play.works_until(MONDAY_9 + 24 * HOUR)


def rename(system: MailSystem, old: str, new: str) -> None:
    system.store.rename_folder(SUPPORT, old, new)


def make_folder(system: MailSystem, name: str) -> None:
    system.store.folder(SUPPORT, name, create=True)


def hours_pass(play: Play, until: float) -> None:
    """The clock jumps up to so many hours after Monday 9:00, never so far that it looks like a stop; after each jump the
    worker works."""
    ends_at = MONDAY_9 + until * HOUR
    while play.now < ends_at:
        play.now = min(ends_at, play.now + 3.75 * HOUR)
        play.settle()
        guard.heartbeat(play.now)


def follow_ups(play: Play) -> list[int]:
    return [play.automatic_mails(address) for address in (ANNA, OTTO, PAULA)]


def statuses() -> list[str]:
    return [Case.objects.get(contact__addresses__address=address).status for address in (ANNA, OTTO, PAULA)]


def test_imap_gone_for_a_day_sends_and_closes_nothing_and_the_answers_of_that_day_are_seen_first(
    world: World, outcomes: Outcomes
) -> None:
    with world.play(world.scene(three_customers_wait)) as play:
        hours_pass(play, until=47)
        play.sink.ask(MailSystem.stop_imap)
        play.customer_writes("No, it still does not work.", sender=OTTO)
        hours_pass(play, until=72)
        assert follow_ups(play) == [0, 0, 0]
        assert "refuses connections" in Mailbox.objects.get().reading_error
        play.sink.ask(MailSystem.start_imap)
        hours_pass(play, until=74)
        assert follow_ups(play) == [1, 0, 1]

        hours_pass(play, until=118)
        play.sink.ask(MailSystem.stop_imap)
        play.customer_writes("No, it still does not work.", sender=PAULA)
        hours_pass(play, until=146)
        assert statuses() == ["active", "active", "active"]
        play.sink.ask(MailSystem.start_imap)
        hours_pass(play, until=168)
        assert statuses() == ["resolved", "active", "active"]
        outcomes.hold("IMAP is gone for a day, before a follow-up and before a closing", play, follow_ups=2)


def test_a_folder_numbered_anew_brings_no_mail_twice_and_hides_no_answer(world: World, outcomes: Outcomes) -> None:
    with world.play(world.scene(three_customers_wait)) as play:
        play.customer_writes("Works again, thank you!", sender=PAULA, is_favorable=True)
        hours_pass(play, until=47)
        stored = InboundMail.objects.count()
        play.customer_writes("No, it still does not work.", sender=OTTO)
        play.sink.ask(MailSystem.renumber_folder, SUPPORT)
        hours_pass(play, until=50)
        assert InboundMail.objects.count() == stored + 1
        assert follow_ups(play) == [1, 0, 0]
        outcomes.hold("UIDVALIDITY changes", play, follow_ups=2)


def test_a_renamed_junk_folder_stops_everything_until_somebody_does_what_the_sentence_says(
    world: World, outcomes: Outcomes
) -> None:
    """It is read under its new name from its beginning; but was it renamed, or another one taken away?"""
    with world.play(world.scene(three_customers_wait)) as play:
        hours_pass(play, until=47)
        play.sink.ask(rename, "Junk", "Spam")
        raw = bytes(play.mail_from_customer("No, it still does not work.", sender=OTTO, inbox=OTTO))
        play.comes_in(raw, OTTO, is_human=True, folder="Spam")
        hours_pass(play, until=51)
        assert follow_ups(play) == [0, 0, 0]
        assert "no folder 'Junk' any more: choose another, or make it again" in Mailbox.objects.get().reading_error

        play.sink.ask(make_folder, "Junk")
        hours_pass(play, until=54)
        assert follow_ups(play) == [1, 0, 1]
        outcomes.hold("A watched folder is renamed", play, follow_ups=2)


def set_hanging(system: MailSystem, hangs: bool) -> None:
    system.imap_faults.hangs_in_idle = hangs


def test_a_line_that_hangs_in_idle_hides_no_answer(world: World, outcomes: Outcomes) -> None:
    """A quiet IDLE proves nothing: whoever wants proof asks on a line that answers."""
    with world.play(world.scene(three_customers_wait)) as play:
        hours_pass(play, until=47)
        play.close()
        play.sink.ask(set_hanging, True)
        before = Mailbox.objects.get().read_through_at
        with real_workers(play, way_in=impatient.way_in):
            until(play, lambda: Mailbox.objects.get().read_through_at != before)
            play.customer_writes("No, it still does not work.", sender=OTTO)
            play.now = MONDAY_9 + 48.1 * HOUR
            until(play, lambda: follow_ups(play) == [1, 0, 1])
        play.sink.ask(set_hanging, False)
        play.finish()
        assert follow_ups(play) == [1, 0, 1]
        outcomes.hold("IMAP hangs in IDLE", play, follow_ups=2)


def test_a_reader_that_loses_its_mailbox_in_the_middle_of_reading_writes_nothing_down(
    world: World, outcomes: Outcomes
) -> None:
    with world.play(world.scene(three_customers_wait)) as play:
        hours_pass(play, until=47)
        play.close()
        play.customer_writes("No, it still does not work.", sender=OTTO)
        hold = Hold(lambda name: name == "INSERT mail_inboundmail")
        with real_reader(play, hold):
            until(play, hold.is_reached)
            Mailbox.objects.update(reader_until=play.now - 10_000 * HOUR)  # its lease is over, by anybody's clock
            play.customer_writes("And mine doesn't work, too.", sender=PAULA)
            play.settle()
            fencing, read_through = Mailbox.objects.values_list("fencing", "read_through_at").get()
            hold.let_go()
            until(play, lambda: not is_in_transaction())
        assert Mailbox.objects.values_list("fencing", "read_through_at").get() == (fencing, read_through)
        hours_pass(play, until=50)
        assert follow_ups(play) == [1, 0, 0]
        play.close()
        play.finish()
        outcomes.hold("A reader loses its mailbox mid-read", play, follow_ups=2)


def is_in_transaction() -> bool:
    """Whether another process has one open."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start IS NOT NULL"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return cursor.fetchone() != (0,)
