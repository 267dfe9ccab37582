"""What does the assistant write where no language model is?"""

from caseloop.assistant.builtin.reply_words import OPENINGS
from caseloop.assistant.interfaces import AssistantError, Draft, FollowUpInput, ReplyDraftInput

_MADE_BY = "built-in"


class BuiltinWriter:
    """Takes the template's text as it is, and never invents a fact."""

    def write_follow_up(self, wanted: FollowUpInput) -> Draft:
        """The template's text; raises AssistantError without one, because only a template knows what to
        ask."""
        if not (wanted.template_text or "").strip():
            raise AssistantError("Without a model, a follow-up needs a template. Choose one for this step.")
        return Draft(body=wanted.template_text or "", made_by=_MADE_BY, note="The template's text, unchanged.")

    def write_reply(self, wanted: ReplyDraftInput) -> Draft:
        """A beginning for a person: the template's text, or a greeting with one sentence that fits what was
        said."""
        if (wanted.template_text or "").strip():
            return Draft(body=wanted.template_text or "", made_by=_MADE_BY, note="The template's text, unchanged.")
        greeting, sentences = OPENINGS.get(wanted.language.partition("-")[0].lower()) or OPENINGS["en"]
        named, nameless = greeting
        hello = named.format(name=wanted.contact_name) if wanted.contact_name else nameless
        return Draft(
            body=f"{hello}\n\n{sentences[wanted.reading]}\n\n",
            made_by=_MADE_BY,
            note="Only the beginning. Write the answer below it.",
        )
