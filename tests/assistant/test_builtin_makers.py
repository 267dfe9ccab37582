"""What do writer, summary and resolution give without a language model?"""

from datetime import UTC, datetime

import pytest

from caseloop.assistant.builtin.resolution import BuiltinResolutionFiller
from caseloop.assistant.builtin.summary import BuiltinSummarizer
from caseloop.assistant.builtin.writer import BuiltinWriter
from caseloop.assistant.interfaces import (
    AssistantError,
    DataSource,
    FilledField,
    FollowUpInput,
    ReplyDraftInput,
    ResolutionInput,
    SummaryInput,
    ThreadMail,
)
from caseloop.domain.facts import Label


def follow_up(template_text):
    return FollowUpInput(
        language="en", contact_name="Anna", case_title="Grinder", number=2, of=3, template_text=template_text
    )


def reply(language="en", name="Anna", reading=Label.NEGATIVE, template_text=None):
    return ReplyDraftInput(
        language=language,
        contact_name=name,
        case_title="Grinder",
        customer_words="It still stops. {{ secret }}",
        reading=reading,
        template_text=template_text,
    )


def test_follow_up_is_the_templates_text_unchanged():
    assert (
        BuiltinWriter().write_follow_up(follow_up("Hello Anna,\n\nis it solved?")).body
        == "Hello Anna,\n\nis it solved?"
    )


@pytest.mark.parametrize("text", [None, "", "  \n"])
def test_follow_up_without_a_template_is_an_error_that_says_what_to_do(text):
    with pytest.raises(AssistantError, match="Choose one for this step"):
        BuiltinWriter().write_follow_up(follow_up(text))


def test_reply_begins_with_what_the_customer_said_and_repeats_none_of_it():
    body = BuiltinWriter().write_reply(reply()).body
    assert body == "Hello Anna,\n\nThank you for telling us that it is not solved yet.\n\n"


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt-BR", "it", "nl", "ja"])
@pytest.mark.parametrize("label", list(Label))
def test_reply_has_a_beginning_in_every_language_for_every_reading(language, label):
    body = BuiltinWriter().write_reply(reply(language, reading=label)).body
    assert "Anna" in body
    assert "!" not in body
    assert len(body.strip().splitlines()) == 3


def test_reply_in_another_language_begins_in_english_and_greets_without_a_name():
    assert BuiltinWriter().write_reply(reply("pl", name="")).body.startswith("Hello,\n")


def mail(day, text, is_ours=False):
    return ThreadMail(at=datetime(2026, 11, day, 9, tzinfo=UTC), is_ours=is_ours, author="x", text=text)


def summary(*thread, reading=None):
    case = SummaryInput(
        contact_name="Anna", thread=thread, next_step="Follow-up 2 of 3 on Tue 24 Nov 09:00.", last_reading=reading
    )
    return BuiltinSummarizer().summarize(case).text


def test_summary_says_when_the_customer_last_answered_and_what_is_next():
    text = summary(mail(18, "Please update.", True), mail(19, "Will do\nthanks"), mail(20, "Any news?", True))
    assert text == (
        "Anna last answered on Thu 19 Nov: “Will do thanks” We wrote again on Fri 20 Nov; no answer since. "
        "Follow-up 2 of 3 on Tue 24 Nov 09:00."
    )


def test_summary_says_what_the_answer_was_read_as():
    text = summary(mail(19, "It still stops."), reading=Label.NEGATIVE)
    assert text.startswith("Anna last answered on Thu 19 Nov and said that it is not solved: “It still stops.”")


def test_summary_of_a_silent_customer():
    assert summary(mail(18, "Is it solved?", True)).startswith("Anna has not answered since our email of Wed 18 Nov.")
    assert summary().startswith("Anna has not answered.")


def test_summary_quotes_only_the_beginning_of_a_long_mail():
    assert len(summary(mail(19, "word " * 500))) < 260


def test_resolution_takes_the_first_source_that_says_something_and_names_it():
    filled = BuiltinResolutionFiller().fill(
        ResolutionInput(
            sources=(
                DataSource(feeds="resolution", label="Root cause", value="  "),
                DataSource(feeds="resolution", label="Last note", value="Burr replaced "),
                DataSource(feeds="resolution", label="Title", value="Grinder"),
                DataSource(feeds="remarks", label="Title", value="Grinder"),
            ),
            given={"remarks": "by hand"},
        )
    )
    assert filled == {"resolution": FilledField(value="Burr replaced", quoted_from="Last note")}
