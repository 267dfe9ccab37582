"""The demo from the empty database to the last summary, once Django knows where the database is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn

from django.core.management import call_command

from caseloop.administration import clock
from caseloop.demo.behavior import Behavior
from caseloop.demo.by_hand import Wishes, go_on, set_phase
from caseloop.demo.cast import Acts, the_cast
from caseloop.demo.clock_hand import ClockHand, hurry
from caseloop.demo.endings import Ending, endings
from caseloop.demo.models import DemoState, Phase
from caseloop.demo.narrator import Narrator
from caseloop.demo.quiet import NotQuiet, Quiet
from caseloop.demo.setting import set_the_stage
from caseloop.demo.stage import Stage, StageError
from caseloop.demo.story import Story
from caseloop.mail.models import Mailbox


class Playing:
    """One performance. `is_watched`: at a pace that eyes can follow, and to be gone on with by hand."""

    def __init__(
        self, stage: Stage, twists: Mapping[str, Acts], say: Callable[[str], None], *, is_watched: bool
    ) -> None:
        self._stage, self._say, self._is_watched = stage, say, is_watched
        self._narrator = Narrator(say)
        self._hand = ClockHand(Quiet(stage.mail, stage.check))
        self._hand.after_step.append(self._narrator.tell)
        self._wishes = Wishes(self._hand.now, self._narrator.tell)
        self._hand.wish = self._wishes.wish if is_watched else hurry
        stage.clock = self._hand.now
        customers = the_cast().customers
        self._story = Story(
            self._hand,
            Behavior(stage.mail, customers, twists),
            self._narrator,
            customers,
            also=(the_cast().yours,) if is_watched else (),
        )

    def prepare(self) -> None:
        """Tables, people, settings and a mailbox; the mail system has to run, web and worker not yet."""
        call_command("migrate", verbosity=0, interactive=False)
        set_the_stage(self._stage.mail.smtp_port, self._stage.mail.imap_port, self._stage.mailbox_password, clock.now())
        DemoState.objects.update_or_create(
            id=1,
            defaults={
                "smtp_port": self._stage.mail.smtp_port,
                "imap_port": self._stage.mail.imap_port,
                "customers_password": self._stage.customers_password,
            },
        )

    def play(self) -> list[Ending]:
        """The story and how its cases ended. Raises `StageError` when it got stuck."""
        self._wait_for_first_reading()
        set_phase(Phase.PLAYING)
        try:
            self._story.play()
        except (NotQuiet, LookupError) as error:
            logs = self._stage.folder
            raise StageError(f"The story cannot go on: {error} See worker.log and web.log in {logs}.") from error
        return endings(the_cast().customers, self._stage.mail)

    def go_on_by_hand(self) -> NoReturn:
        """Sofia answers one more customer, and the rest is up to whoever reads the customer's mailbox."""
        yours = the_cast().yours
        set_phase(Phase.BY_HAND, is_paused=True)
        self._story.answer(yours)
        self._say("")
        self._say(f"Now it is your turn: Sofia has just written to {yours.name}, whose mails you read and answer at")
        self._say(f"{self._stage.address}/demo/mailbox, where you also let days pass. Ctrl-C ends the demo.")
        go_on(self._hand, self._wishes, self._say)

    def _wait_for_first_reading(self) -> None:
        """The mailbox starts with mail from now on, so nobody writes before it was read for the first time."""
        self._hand.quiet.wait_until(
            lambda: Mailbox.objects.filter(read_through_at__isnull=False).exists(), "the mailbox has not been read yet"
        )
