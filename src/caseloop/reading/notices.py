"""Is this mail neither an answer nor a bounce: a complaint, a receipt, an invitation, our own?"""

import re
from typing import Literal

from caseloop.reading.machine_words import READ_RECEIPT
from caseloop.reading.parse import ParsedMail

NoticeKind = Literal["abuse_report", "read_receipt", "calendar", "unsubscribe", "provider", "own"]


def notice_kind(parsed: ParsedMail, new_text: str, our_addresses: frozenset[str]) -> NoticeKind | None:
    """Which notice `parsed` is (RFC 5965, 8098, 5546), or None. `our_addresses` in lower case."""
    if parsed.from_ is not None and parsed.from_.address in our_addresses:
        return "own"
    if _is_abuse_report(parsed):
        return "abuse_report"
    if _is_read_receipt(parsed, new_text):
        return "read_receipt"
    if _is_invitation(parsed, new_text):
        return "calendar"
    if _is_unsubscription(parsed, new_text):
        return "unsubscribe"
    if re.match(r'\s*\{\s*"(?:notificationType|eventType|Type|RecordType)"', parsed.text):
        return "provider"
    return None


def _is_unsubscription(parsed: ParsedMail, new_text: str) -> bool:
    """What mail programs send for the "unsubscribe" button (RFC 2369): nobody wrote a word."""
    asks = re.match(r"(?i)\s*(?:unsubscribe|abmelden|d[ée]sinscription)\b", parsed.subject)
    return bool(asks) and (not new_text.strip() or "unsubscribe" in new_text.lower()) and len(new_text) < 300


def _report_type(parsed: ParsedMail) -> str:
    return parsed.parameters.get("report-type", "").lower() if parsed.content_type == "multipart/report" else ""


def _is_abuse_report(parsed: ParsedMail) -> bool:
    if _report_type(parsed) == "feedback-report" or "message/feedback-report" in parsed.content_types:
        return True
    # Feedback loops older than the format: AOL, Hotmail, Yahoo.
    if re.search(r"(?im)^feedback-type\s*:\s*\w", parsed.text[:20_000]):
        return True
    if parsed.header("x-hmxmroriginalrecipient") or re.search(r"(?i)\bscomp\b", parsed.header("x-loop") or ""):
        return True
    by_provider = re.search(
        r"(?i)^(?:scomp|fbl|feedbackloop|feedback|abuse|complaints?|staff|spam)[\w.+-]*@",
        parsed.from_.address if parsed.from_ else "",
    )
    says_so = re.search(
        r"(?i)(?:client tos|feedback|abuse|spam|complaint)\W.{0,30}(?:report|notification|complaint)|^complaint about",
        parsed.subject,
    )
    return bool(by_provider and says_so)


def _is_read_receipt(parsed: ParsedMail, new_text: str) -> bool:
    if _report_type(parsed) == "disposition-notification" or "message/disposition-notification" in parsed.content_types:
        return True
    text = " ".join(new_text[:800].split())
    return len(new_text) < 800 and bool(READ_RECEIPT.search(text)) and not parsed.in_reply_to and "?" not in text


def _is_invitation(parsed: ParsedMail, new_text: str) -> bool:
    if "text/calendar" not in parsed.content_types and not (parsed.header("content-class") or "").endswith(
        "calendarmessage"
    ):
        return False
    # A person may answer inside the thread of an invitation: their program sends the calendar part along.
    answers = parsed.in_reply_to and re.match(r"(?i)\s*(?:re|aw|sv|antw|odp|r|res)\s*:", parsed.subject)
    return not (answers and re.search(r"\w", new_text))
