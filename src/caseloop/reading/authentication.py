"""What did our own mail server find out about the sender's domain?"""

import re
from collections.abc import Iterable
from typing import Literal

Verdict = Literal["pass", "fail", "none"]


def dmarc_verdict(headers: Iterable[tuple[str, str]], trusted: Iterable[str]) -> Verdict:
    """The DMARC result of the top-most Authentication-Results header (RFC 8601, 7489) written by a trusted server.

    `headers`: names in lower case with their values, top-most first; `trusted`: authserv-ids of our own servers. Anyone
    can write such a header into a mail: one by a server we do not know says nothing. "none" where nothing is known.
    """
    ours = {name.strip().lower() for name in trusted}
    for name, value in headers:
        if name == "authentication-results" and _written_by(value) in ours:
            return _dmarc_of(value)
    return "none"


def _written_by(value: str) -> str:
    bare = re.sub(r"\([^()]*\)", " ", value[:10_000]).strip()
    return re.split(r"[\s;]", bare, maxsplit=1)[0].strip('"').lower()


def _dmarc_of(value: str) -> Verdict:
    import authres

    try:
        header = authres.AuthenticationResultsHeader.parse_value(value[:10_000])
    except (authres.AuthResError, ValueError, IndexError, AttributeError, RecursionError):
        return "none"
    found = [str(result.result).lower() for result in header.results if str(result.method).lower() == "dmarc"]
    if "fail" in found:
        return "fail"
    return "pass" if "pass" in found else "none"
