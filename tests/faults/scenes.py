"""From which states do the faults begin? Three customers who stay silent, four who write, two for whom Sofia reviews.

Each scene follows another one: a healthy worker does what the next one finds done. All of them are Contoso Coffee's,
from Monday 23 November 2026, 9:00 UTC; every wait is 48 hours.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from caseloop.cases.marking import mark
from caseloop.cases.models import Activity, Case
from caseloop.demo.bounces import Bounce, delivery_status_notification
from caseloop.followups import guard
from caseloop.mail.outgoing import Letter, write_mail
from tests import factories
from tests.faults.acts import approve, look, read, send
from tests.faults.kills import Act, killing_at
from tests.faults.world import MONDAY_9, Play, Scene, World

ADA, BEN, CLEO, DORA = (f"{name}@cafe.example" for name in ("ada", "ben", "cleo", "dora"))
THREE = (ADA, BEN, CLEO)
TWO = (ADA, BEN)
FOUR = (ADA, BEN, CLEO, DORA)
ZOE = b"From: Zoe <zoe@tea.example>\r\nTo: support@contoso.example\r\nSubject: Kettles\r\n"
WEDNESDAY_9 = MONDAY_9 + timedelta(hours=48, minutes=1)
FIVE_MINUTES = timedelta(minutes=5)
CLOSING = MONDAY_9 + timedelta(days=7)
MANY = 24

MAIL_TAKEN = "socket reply to b'From:"
"""The server has got the whole of a mail, and its reply lies there unread."""


class Scenes:
    """The scenes of a world, made when first asked for."""

    def __init__(self, world: World) -> None:
        self._world = world

    # three customers who stay silent, under full automation

    def written_to(self) -> Scene:
        """Sofia has written to Ada, Ben and Cleo; nobody has looked since."""
        return self._world.scene(_three_were_written_to)

    def wait_over(self) -> Scene:
        """Their series run, and on Wednesday the first wait is over."""
        return self._world.scene(_wednesday, self.written_to())

    def silence_asked(self) -> Scene:
        """The cases wait for a proof of silence."""
        return self._world.scene(_silence_asked, self.wait_over())

    def silence_proven(self) -> Scene:
        """The mailbox has been read; the follow-ups can be written."""
        return self._world.scene(_silence_proven, self.silence_asked())

    def follow_ups_approved(self) -> Scene:
        """Three follow-ups are about to go."""
        return self._world.scene(_follow_ups_approved, self.silence_proven())

    def sender_killed(self) -> Scene:
        """The worker was killed when the server had taken the third of them, five minutes ago."""
        return self._world.scene(_sender_killed, self.follow_ups_approved())

    def closing_due(self) -> Scene:
        """Nobody answered the last follow-up either; silence is proven, and each case has an open task."""
        return self._world.scene(_closing_due, self.follow_ups_approved())

    def closed(self) -> Scene:
        """The cases are resolved; the closing notices are about to go."""
        return self._world.scene(_closed, self.closing_due())

    # two customers who stay silent, under confirmation

    def draft_due(self) -> Scene:
        """Two follow-ups can be drafted for Sofia."""
        return self._world.scene(_draft_due)

    def drafted(self) -> Scene:
        """Sofia has two drafts to review."""
        return self._world.scene(_drafted, self.draft_due())

    def sent_off(self) -> Scene:
        """Sofia has sent both off; the worker has not."""
        return self._world.scene(_sent_off, self.drafted())

    # four customers who write, under full automation

    def mail_arrived(self) -> Scene:
        """Ada asks something, Ben's address is gone, Cleo is away, Dora says that it works; nobody has read it."""
        return self._world.scene(_mail_arrived)

    def mail_filed(self) -> Scene:
        """The four mails have been read and filed; what they mean is to be found out."""
        return self._world.scene(_filed, self.mail_arrived())

    def thanks_proven(self) -> Scene:
        """Dora's case can be resolved as she said."""
        return self._world.scene(_thanks_proven, self.mail_filed())

    # all at once

    def many_approved(self) -> Scene:
        """24 mails of Sofia's to as many customers are about to go."""
        return self._world.scene(_many_approved)

    def mixed(self) -> Scene:
        """Wednesday 9:00: of four silent customers two are followed up by the agent, two by Sofia; the waits are over."""
        return self._world.scene(_mixed)


def _write_to(play: Play, addresses: tuple[str, ...], line: str = "Contoso Coffee") -> None:
    for address in addresses:
        name = address.split("@")[0].capitalize()
        case = play.case(f"{line}: the grinder of {name} jams", contact=factories.contact(name, address))
        play.we_write(case, to=address)


def _wait(play: Play, until: datetime) -> None:
    """Nothing happens until then; the loop runs, so that no ramp takes it for a stop, and a stranger's mail five minutes
    before shows that the way in is alive."""
    play.settle()
    while play.now < until - FIVE_MINUTES:
        play.now = min(until - FIVE_MINUTES, play.now + timedelta(hours=3))
        guard.heartbeat(play.now)
    stranger = f"Message-ID: <{until:%Y%m%d%H%M}@tea.example>"
    play.comes_in(ZOE + stranger.encode() + b"\r\n\r\nDo you sell kettles?\r\n", "zoe@tea.example", is_human=True)
    _do(play, read)
    play.now = until


def _do(play: Play, act: Act) -> None:
    """A healthy worker does it, in a child as always; nobody else reads the mailbox."""
    play.close()
    play.fork_worker(work=act).wait()
    play.close()


# three customers who stay silent


def _three_were_written_to(play: Play) -> None:
    play.rule("full", follow_ups=2, sends_closing_notice=True)
    _write_to(play, THREE)
    mark(Case.objects.values_list("pk", flat=True), play.now)


def _wednesday(play: Play) -> None:
    _wait(play, WEDNESDAY_9)


def _silence_asked(play: Play) -> None:
    _do(play, look)


def _silence_proven(play: Play) -> None:
    _do(play, read)


def _follow_ups_approved(play: Play) -> None:
    _do(play, look)


def _sender_killed(play: Play) -> None:
    end = play.fork_worker(killing_at(3, only=MAIL_TAKEN), work=send).wait()
    assert end.was_killed
    play.sink.come_to_rest()
    assert len(play.sink.accepted) == 6
    play.time_passes()


def _closing_due(play: Play) -> None:
    _do(play, send)
    for case in Case.objects.order_by("pk"):
        Activity.objects.create(
            case=case, kind="task", state="open", subject="Order a new burr", actor=case.owner, occurred_at=play.now
        )
    _wait(play, CLOSING)
    _do(play, look)
    _do(play, read)


def _closed(play: Play) -> None:
    _do(play, look)
    assert Case.objects.filter(status="resolved").count() == 3


# two customers who stay silent, under confirmation


def _draft_due(play: Play) -> None:
    play.rule("confirm")
    _write_to(play, TWO)
    _wait(play, WEDNESDAY_9)
    _do(play, look)
    _do(play, read)


def _drafted(play: Play) -> None:
    _do(play, look)


def _sent_off(play: Play) -> None:
    _do(play, approve)


# four customers who write


def _mail_arrived(play: Play) -> None:
    play.rule("full", on_favorable="resolve")
    _write_to(play, FOUR)
    play.now = MONDAY_9 + timedelta(hours=3)
    play.customer_writes("Which burr do I order?", sender=ADA)
    play.comes_in(_returned(play, BEN), BEN, is_human=False)
    away = {"Auto-Submitted": "auto-replied"}
    play.customer_writes("I am out of the office until December 1.", sender=CLEO, headers=away, subject="Out of office")
    play.customer_writes("Thanks a lot, the grinder works perfectly now.", sender=DORA, is_favorable=True)


def _returned(play: Play, address: str) -> bytes:
    """The notification that our last mail to this address could not be delivered."""
    sent = [mail for mail in play.sink.accepted if address in mail.recipients][-1]
    return delivery_status_notification(
        Bounce(),
        failed_recipient=address,
        sent_back_to=sent.envelope_from,
        original=sent.raw,
        host="mail.localhost",
        at=play.now,
    )


def _filed(play: Play) -> None:
    _do(play, read)


def _thanks_proven(play: Play) -> None:
    _do(play, look)
    _do(play, read)


# all at once


def _mixed(play: Play) -> None:
    play.rule("full", sends_closing_notice=True)
    reviewed = {"all": [{"field": "title", "operator": "contains", "value": "Fabrikam"}]}
    play.rule("confirm", name="Fabrikam (confirm)", conditions=reviewed)
    _write_to(play, TWO)
    _write_to(play, (CLEO, DORA), "Fabrikam")
    _wait(play, WEDNESDAY_9)


def _many_approved(play: Play) -> None:
    play.rule("full")
    for number in range(MANY):
        address = f"customer{number}@cafe.example"
        case = play.case(f"Contoso Coffee: grinder {number}", contact=factories.contact(f"Customer {number}", address))
        assert case.owner is not None
        letter = Letter(to=[address], text="Does the grinder work now?", language="en")
        write_mail(case.pk, letter, author=case.owner, now=play.now)
