"""Is a machine told from a person?"""

import pytest

from caseloop.reading.read import read_mail
from tests.reading.machine_samples import ACKNOWLEDGEMENTS, AWAY, GONE, PEOPLE, Sample
from tests.reading.mails import mail

AUTOMATIC = [
    *((sample, "away") for sample in AWAY),
    *((sample, "acknowledgement") for sample in ACKNOWLEDGEMENTS),
    *((sample, "gone") for sample in GONE),
]


@pytest.mark.parametrize("sample,kind", AUTOMATIC, ids=[sample[0] for sample, _ in AUTOMATIC])
def test_automatic_mail_is_known_and_named(sample: Sample, kind: str) -> None:
    reading = read_mail(mail(sample[2], **sample[1]))

    assert (reading.kind, reading.automatic_kind) == ("automatic", kind), reading.marks


@pytest.mark.parametrize("sample", PEOPLE, ids=[sample[0] for sample in PEOPLE])
def test_a_person_is_never_taken_for_a_machine(sample: Sample) -> None:
    reading = read_mail(mail(sample[2], **sample[1]))

    assert reading.kind == "reply", reading.marks
