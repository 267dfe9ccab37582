"""What does the card say about a case where no language model is?"""

from datetime import datetime

from caseloop.assistant.interfaces import Summary, SummaryInput, ThreadMail
from caseloop.domain.facts import Label

_MAX_QUOTE = 120
_SAID = {
    Label.FAVORABLE: "and said that it is solved",
    Label.NEGATIVE: "and said that it is not solved",
    Label.INFORMATION: "and sent what was asked for",
    Label.QUESTION: "and asked something",
    Label.DEFERRAL: "and asked for time",
    Label.AUTOMATIC: "",
    Label.UNCLEAR: "",
}


class BuiltinSummarizer:
    """Says when the customer last answered, in the customer's own words, and what is next."""

    def summarize(self, case: SummaryInput) -> Summary:
        """Two or three sentences; the quotation is the beginning of the customer's last mail."""
        mails = sorted(case.thread, key=lambda mail: mail.at)
        answer = next((mail for mail in reversed(mails) if not mail.is_ours), None)
        ours = next((mail for mail in reversed(mails) if mail.is_ours), None)
        sentences = [_answered(case, answer, ours), case.next_step.strip()]
        return Summary(text=" ".join(filter(None, sentences)), made_by="built-in")


def _answered(case: SummaryInput, answer: ThreadMail | None, ours: ThreadMail | None) -> str:
    name = case.contact_name or "The customer"
    if answer is None:
        since = f" since our email of {_day(ours.at)}" if ours else ""
        return f"{name} has not answered{since}."
    said = _SAID.get(case.last_reading, "") if case.last_reading else ""
    quote = _beginning(answer.text)
    sentence = f"{name} last answered on {_day(answer.at)}{f' {said}' if said else ''}"
    sentence += f": “{quote}”" if quote else "."
    if ours and ours.at > answer.at:
        sentence += f" We wrote again on {_day(ours.at)}; no answer since."
    return sentence


def _day(at: datetime) -> str:
    return f"{at:%a} {at.day} {at:%b}"


def _beginning(text: str) -> str:
    """The first words, cut at a space, on one line."""
    line = " ".join(text.split())
    if len(line) <= _MAX_QUOTE:
        return line
    return line[: line.rfind(" ", 0, _MAX_QUOTE) if " " in line[:_MAX_QUOTE] else _MAX_QUOTE].rstrip(",;: ") + " …"
