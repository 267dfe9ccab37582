"""Is the case that a text names found?"""

import pytest

from caseloop.reading.case_number import case_number_of, case_numbers_in


@pytest.mark.parametrize(
    "text,numbers",
    [
        ("Re: Leak [CAS-01042-K7]", ("CAS-01042-K7",)),
        ("cas-01042-k7 and CAS-123456-A1 and CAS-01042-K7", ("CAS-01042-K7", "CAS-123456-A1")),
        ("CAS\u201301042\u2013K7", ("CAS-01042-K7",)),
        ("工单CAS-01042-K7", ("CAS-01042-K7",)),
        ("CAS-0104-K7 CAS-01042-K77 XCAS-01042-K7 CAS-01042", ()),
    ],
)
def test_case_numbers_are_found(text: str, numbers: tuple[str, ...]) -> None:
    assert case_numbers_in(text) == numbers


def test_the_subject_counts_before_the_text() -> None:
    assert case_number_of("CAS-01042-K7", "CAS-02000-B3") == "CAS-01042-K7"
    assert case_number_of("no number", "CAS-02000-B3") == "CAS-02000-B3"
    assert case_number_of("", "", "> CAS-03000-C4") == "CAS-03000-C4"
    assert case_number_of("", "", "") is None
