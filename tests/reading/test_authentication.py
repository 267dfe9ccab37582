"""Is only our own server believed when it says who sent a mail?"""

import pytest

from caseloop.reading.authentication import dmarc_verdict

OURS = ("mx.contoso.example",)


@pytest.mark.parametrize(
    "values,verdict",
    [
        (["mx.contoso.example; spf=pass smtp.mailfrom=x.example; dmarc=pass header.from=x.example"], "pass"),
        (["mx.contoso.example; dmarc=fail (p=none dis=none) header.from=x.example"], "fail"),
        (["mx.contoso.example; dkim=pass header.d=x.example"], "none"),
        (["mx.contoso.example; dmarc=temperror header.from=x.example"], "none"),
        (["mx.contoso.example; none"], "none"),
        (["evil.example; dmarc=pass header.from=x.example"], "none"),
        (["mx.contoso.example; dmarc=fail", "mx.contoso.example; dmarc=pass"], "fail"),
        (["mx.contoso.example; none", "mx.contoso.example; dmarc=pass"], "none"),
        (["evil.example; dmarc=pass", "MX.contoso.example 1; dmarc=pass"], "pass"),
        (["(a comment) mx.contoso.example; dmarc=pass header.from=x.example"], "pass"),
        (["mx.contoso.example; dmarc="], "none"),
        ([""], "none"),
        ([], "none"),
    ],
)
def test_only_the_topmost_word_of_our_server_counts(values: list[str], verdict: str) -> None:
    headers = [("authentication-results", value) for value in values]

    assert dmarc_verdict(headers, OURS) == verdict


def test_nobody_is_trusted_unless_named() -> None:
    assert dmarc_verdict([("authentication-results", "mx.contoso.example; dmarc=pass")], ()) == "none"
