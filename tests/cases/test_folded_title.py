"""A text that is stored for comparing may be longer than what it was made from."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests import factories

pytestmark = pytest.mark.django_db


def test_a_title_may_grow_when_it_is_folded(monday: datetime) -> None:
    title = "\ufdfa" * 60  # one letter that stands for eighteen

    case = factories.case(title, now=monday)

    assert len(case.title_folded) == 60 * 18
