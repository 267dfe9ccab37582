"""How well are the collected mails of many programs read? Skipped where the collection is absent."""

import json
import os
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from caseloop.reading.inspection import Inspection, inspect_file

FOLDER = Path(os.environ.get("CASELOOP_SHARED_MAIL") or Path(__file__).parents[3] / "shared" / "mail")
LABELS = FOLDER / "labels.jsonl"

pytestmark = pytest.mark.skipif(
    not LABELS.is_file(), reason=f"no collected mail at {FOLDER}; name its folder in CASELOOP_SHARED_MAIL"
)


@cache
def read() -> list[tuple[dict[str, Any], Inspection]]:
    labels = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    return [(label, inspect_file(FOLDER / label["file"])) for label in labels]


def judged() -> list[tuple[dict[str, Any], Inspection]]:
    """Those whose kind is asserted by their source."""
    return [(label, found) for label, found in read() if "crash-only" not in (label["note"] or "")]


def share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def recall(kind: str) -> float:
    return share([found["kind"] == kind for label, found in judged() if label["kind"] == kind])


def precision(kind: str) -> float:
    return share([label["kind"] == kind for label, found in judged() if found["kind"] == kind])


def test_every_file_is_read() -> None:
    assert Counter(found["kind"] for _, found in read()).total() == len(LABELS.read_text().splitlines())


def test_undeliverable_mail_is_known() -> None:
    assert recall("undeliverable") >= 0.99
    assert precision("undeliverable") >= 0.99


def test_permanent_and_temporary_are_told_apart() -> None:
    settled = [(label, found) for label, found in judged() if label["permanent"] is not None]

    assert share([found["permanent"] == label["permanent"] for label, found in settled]) >= 0.97


def test_the_failed_address_is_found() -> None:
    named = [(label, found) for label, found in judged() if label["failed_recipient"]]

    assert (
        share([str(found["failed_recipient"]).lower() == label["failed_recipient"].lower() for label, found in named])
        >= 0.97
    )


def test_automatic_mail_is_known_and_nobody_is_taken_for_a_machine() -> None:
    assert recall("automatic") >= 0.9
    assert precision("automatic") >= 0.97
    assert recall("reply") >= 0.99


def test_the_new_text_is_the_one_expected() -> None:
    expected = [(label, found) for label, found in judged() if label["new_text"] is not None]

    assert share([str(found["new_text"]).split() == label["new_text"].split() for label, found in expected]) >= 0.95
