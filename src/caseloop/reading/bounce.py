"""Does this mail say that another was not delivered: to whom, why, and for how long?"""

import re
from dataclasses import dataclass

from caseloop.reading import bounce_words as words
from caseloop.reading.bounce_words import Reason, reason_in, reason_of_status
from caseloop.reading.delivery_status import RecipientStatus, recipient_statuses
from caseloop.reading.failed_addresses import addresses_in_prose
from caseloop.reading.known_formats import failures_in_known_formats
from caseloop.reading.new_text import new_text_of
from caseloop.reading.parse import ParsedMail, parse_mail
from caseloop.reading.returned_copy import ReturnedCopy, returned_copy, split_at_copy


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report on a mail of ours. `permanent`: None where it was refused or the report does not settle it."""

    is_failure: bool
    permanent: bool | None
    failed_recipients: tuple[str, ...]
    copy: ReturnedCopy
    reasons: tuple[Reason | None, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether some recipient's server turned the mail away for what it is, not for whom it is."""
        return self.permanent is None and Reason.REFUSED in self.reasons


_DELIVERED = ("delivered", "relayed", "expanded", "deliver", "success")


def find_bounce(parsed: ParsedMail, raw: bytes) -> Bounce | None:
    """The delivery report in `parsed`, read from `raw` (RFC 3464, or servers' prose); None when it is none."""
    if not _may_be_report(parsed):
        return None
    prose, quoted = _prose_and_copy(parsed.text)
    stated = [*parsed.delivery_status, *([parsed.text] if _STATUS_IN_TEXT.search(parsed.text) else [])]
    statuses = tuple(status for text in stated for status in recipient_statuses(text))
    failed = tuple(status for status in statuses if status.action not in _DELIVERED)
    if statuses and not failed:
        return Bounce(False, None, (), returned_copy(parsed, quoted))
    inner = _handed_on(parsed) if not statuses else None
    if inner is not None and (bounce := find_bounce(parse_mail(inner), inner)) is not None:
        return bounce
    known: tuple[str, ...] = ()
    if not (failed and parsed.delivery_status) and not _looks_like_report(parsed, prose, quoted):
        known = failures_in_known_formats(raw) if _by_mailer(parsed) else ()
        if not known:
            return None
    if _announces_success(parsed, prose) and not failed:
        return Bounce(False, None, (), returned_copy(parsed, quoted))
    copy = returned_copy(parsed, quoted)
    recipients = _recipients(parsed, failed, prose, copy) or known
    reasons = _reasons(parsed, failed, prose, recipients)
    return Bounce(True, _verdict(reasons), recipients, copy, reasons)


def _may_be_report(parsed: ParsedMail) -> bool:
    """Whether anything outside the text hints at a report: reading prose costs more than all else."""
    return bool(
        parsed.delivery_status
        or parsed.content_type == "multipart/report"
        or parsed.header("x-failed-recipients")
        or _null_sender(parsed)
        or words.MAILER.search(parsed.header("from") or "<>")
        or words.SUBJECT.search(parsed.subject)
    )


def _by_mailer(parsed: ParsedMail) -> bool:
    return bool(words.MAILER.search(parsed.header("from") or "<>"))


def _handed_on(parsed: ParsedMail) -> bytes | None:
    """The report that a server wrapped into a mail of its own; people forward reports too, and mean to ask."""
    if not _by_mailer(parsed):
        return None
    for part in parsed.returned:
        inner = part.children[0] if part.children else None
        if inner is not None and inner.content_type == "multipart/report" and words.SUBJECT.search(parsed.subject):
            return part.content().lstrip(b"\n")
    return None


_STATUS_IN_TEXT = re.compile(r"(?im)^(?:final|original)-recipient\s*:")


def _prose_and_copy(text: str) -> tuple[str, str]:
    prose, quoted = split_at_copy(text)
    if re.search(r"(?im)^from\s*:.*(?:mailer-?daemon|postmaster|mail delivery)", quoted[:4000]):
        # A report handed on: what the first server said stands in the copy.
        inner, deeper = split_at_copy(re.sub(r"\A(?:.+\n)+", "\n", quoted.lstrip("\n")))
        return f"{prose}\n{inner}", deeper
    return prose, quoted


def _looks_like_report(parsed: ParsedMail, prose: str, quoted: str) -> bool:
    """Several marks together: each is missing in some reports, each alone is found in mail from people."""
    if (
        parsed.content_type == "multipart/report"
        and parsed.parameters.get("report-type", "").lower() == "delivery-status"
    ):
        return True
    if parsed.delivery_status or parsed.header("x-failed-recipients"):
        return True
    by_mailer = _by_mailer(parsed)
    if not by_mailer and _is_persons(parsed):
        return False
    head = " ".join(prose[:6000].split())
    says_failure = bool(words.FAILURE.search(head))
    subject = bool(words.SUBJECT.search(parsed.subject))
    opening = bool(words.OPENING.search(head[:500]))
    points = (
        3 * by_mailer
        + 2 * subject
        + 2 * says_failure
        + opening
        + _null_sender(parsed)
        + bool(parsed.returned or quoted)
    )
    return points >= 5 and (says_failure or subject)


def _is_persons(parsed: ParsedMail) -> bool:
    """Whether somebody answers or forwards a report: what it says stands in the quoted part."""
    answers = bool(_ANSWER.match(parsed.subject)) and bool(parsed.in_reply_to)
    return answers or bool(_FORWARD.match(parsed.subject)) or new_text_of(parsed.text).is_forward


_ANSWER = re.compile(r"(?i)\s*(?:re|aw|sv|antw|odp|res|r|ynt|回复|答复)\s*[:：]")
_FORWARD = re.compile(r"(?i)\s*(?:fwd?|wg|tr|rv|enc|i|doorst|vs|pd|ilt|转发|転送)\s*[:：]")


def _null_sender(parsed: ParsedMail) -> bool:
    path = (parsed.header("return-path") or "x").strip().lower()
    return path in ("<>", "", "<null>") or "mailer-daemon" in path


def _announces_success(parsed: ParsedMail, prose: str) -> bool:
    text = f"{parsed.subject}\n{prose[:3000]}"
    return bool(_SUCCESS.search(text)) and not words.FAILURE.search(_SUCCESS.sub(" ", text))


_SUCCESS = re.compile(
    r"successful(?:ly)? (?:mail )?deliver(?:y|ed)(?: report)?|delivery status notification \(success\)|"
    r"was successfully (?:delivered|relayed)|"
    r"delivery (?:report|notification).{0,20}(?:success|delivered)|(?:has been|"
    r"was) delivered to (?:the )?(?:following|recipient)|erfolgreich zugestellt|"
    r"\bDelivered: |Relayed: ",
    re.IGNORECASE,
)


def _recipients(
    parsed: ParsedMail, failed: tuple[RecipientStatus, ...], prose: str, copy: ReturnedCopy
) -> tuple[str, ...]:
    stated = [status.address for status in failed if status.address]
    if not stated:
        stated = [
            address
            for value in parsed.all("x-failed-recipients")
            for address in re.findall(r"[^\s,;<>]+@[^\s,;<>]+", value)
        ]
    ours = {address.address for address in (*parsed.to, *parsed.cc)}
    found = stated or addresses_in_prose(parsed, prose, ours) or addresses_in_prose(parsed, prose, set())
    if not found and len(copy.recipients) == 1:
        found = list(copy.recipients)
    return tuple({address.lower(): address for address in found}.values())


def _reasons(
    parsed: ParsedMail, failed: tuple[RecipientStatus, ...], prose: str, recipients: tuple[str, ...]
) -> tuple[Reason | None, ...]:
    if failed:
        return tuple(_reason(status, prose) for status in failed)
    whole = reason_in(f"{prose}\n{parsed.subject}")
    if len(recipients) < 2:
        return (whole,)
    return tuple(reason_in(part) or whole for part in _parts_about(recipients, prose))


def _reason(status: RecipientStatus, prose: str) -> Reason | None:
    by_code = reason_of_status(status.status)
    if status.action in ("delayed", "deferred", "delay") or by_code is Reason.TEMPORARY:
        return Reason.TEMPORARY
    said = reason_in(status.diagnostic)
    if said is None and by_code not in (None, Reason.REFUSED):
        return by_code
    return said or reason_in(prose) or by_code


def _parts_about(recipients: tuple[str, ...], prose: str) -> list[str]:
    """What the prose says after each recipient, up to the next one."""
    lower = prose.lower()
    starts = sorted((at, address) for address in recipients if (at := lower.find(address.lower())) >= 0)
    if not starts:
        return [prose]
    ends = [start for start, _ in starts[1:]] + [len(prose)]
    return [prose[start:end] for (start, _), end in zip(starts, ends, strict=True)]


def _verdict(reasons: tuple[Reason | None, ...]) -> bool | None:
    """One verdict for the mail: that of its recipients where they agree; where they differ, a person decides."""
    verdicts = {reason.is_permanent if reason else None for reason in reasons}
    return verdicts.pop() if len(verdicts) == 1 else None
