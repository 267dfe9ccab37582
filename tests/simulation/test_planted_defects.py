"""What if Caseloop were broken? Each defect is handed in with a part, and the checks find it and tell the story."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from caseloop.assistant.interfaces import ReplyInput, ReplyReading
from caseloop.cases.models import CaseReview
from caseloop.config.worker import Worker
from caseloop.domain.facts import Label
from caseloop.followups.models import Enrolment
from caseloop.followups.prepare import Helpers
from caseloop.mail.hand_over import HandOver
from caseloop.mail.imap import FolderRead
from caseloop.mail.models import Message
from caseloop.simulation.letters import JUNK
from caseloop.simulation.run import Parts
from caseloop.simulation.transports import SimulatedWayIn, SimulatedWayOut
from tests.simulation.conftest import begin_anew
from tests.simulation.runs import broken_by

pytestmark = pytest.mark.usefixtures("simulated")


class HandsOverTwice(SimulatedWayOut):
    """Tries again though the server has taken the mail."""

    def hand_over(self, envelope_from: str, recipients: list[str], raw: bytes) -> HandOver:
        super().hand_over(envelope_from, recipients, raw)
        return super().hand_over(envelope_from, recipients, raw)


class ReadsNothing:
    """Takes every reply for a machine's."""

    def read(self, reply: ReplyInput) -> ReplyReading:
        return ReplyReading(label=Label.AUTOMATIC, confidence=1.0)


class SkipsJunk(SimulatedWayIn):
    """Says that nothing is new in the junk folder, without asking the server."""

    def read_new(self, folder: str, uidvalidity: int, last_uid: int) -> FolderRead:
        if folder == JUNK:
            return FolderRead(folder, uidvalidity, (), last_uid, complete=True)
        return super().read_new(folder, uidvalidity, last_uid)


def shorten_waits(now: datetime) -> None:
    """A policy that closes days early."""
    for series in Enrolment.objects.filter(state="running"):
        series.policy["waits"] = [[1, "hours"]] * 5
        series.save(update_fields=["policy"])


def forget_dates(now: datetime) -> None:
    CaseReview.objects.update(review_at=None, lease=None)


def call_everything_sent(now: datetime) -> None:
    """A recovery that takes what was approved for sent."""
    Message.objects.filter(direction="out", state__in=["approved", "draft"]).update(state="sent", sent_at=now)


class NeverSweeps(Worker):
    """Without the net that would catch what is forgotten."""

    def _sweep(self) -> None:
        assert hasattr(super(), "_sweep"), "another name, and it would sweep"


def test_a_mail_that_is_handed_over_twice_breaks_p4() -> None:
    broken, story = broken_by(Parts(way_out=HandsOverTwice))
    assert broken.promise == "P4"
    assert "twice" in story[0]
    assert any("writes by hand" in line for line in story)
    assert story[-1].startswith("Replay: caseloop simulate")


def test_an_answer_that_is_taken_for_a_machines_breaks_p2() -> None:
    broken, story = broken_by(Parts(helpers=lambda: Helpers(reader=ReadsNothing())))
    assert broken.promise == "P2"
    assert broken.file is not None
    assert any("· decision" in line for line in story)


def test_a_reading_that_leaves_out_a_folder_breaks_p3() -> None:
    broken, _ = broken_by(Parts(way_in=SkipsJunk))
    assert broken.promise == "P3"
    assert "last read never" in broken.what


def test_a_policy_that_acts_early_breaks_p1_or_p3() -> None:
    broken, _ = broken_by(Parts(meddle=shorten_waits))
    assert broken.promise in ("P1", "P3")
    assert "after our last mail" in broken.what


def test_a_case_that_waits_for_no_date_breaks_p5() -> None:
    broken, _ = broken_by(Parts(worker=NeverSweeps, meddle=forget_dates))
    assert broken.promise == "P5"


def test_a_mail_that_only_counts_as_sent_breaks_p4() -> None:
    broken, _ = broken_by(Parts(meddle=call_everything_sent))
    assert broken.promise == "P4"
    assert "never took" in broken.what


def test_a_failing_seed_tells_the_same_story_again() -> None:
    parts = Parts(helpers=lambda: Helpers(reader=ReadsNothing()))
    _, first = broken_by(parts, seed=2, faults=True)
    begin_anew()
    _, second = broken_by(parts, seed=2, faults=True)
    assert [without_number(line) for line in first] == [without_number(line) for line in second]


def without_number(line: str) -> str:
    """Case numbers go on where the run before ended."""
    return re.sub(r"CAS-\d+-\w\w", "CAS", line)
