"""The addresses of suggestions, series, doubts, the email editor, and the resolution of a case."""

from django.urls import path

from caseloop.followups.views import doubts, editor, readings, resolution, rules, series, suggestions

app_name = "followups"
urlpatterns = [
    path("follow-ups", series.series, name="series"),
    path("mail-in-doubt", doubts.doubts, name="doubts"),
    path("mail-in-doubt/<int:doubt_id>/answer", doubts.doubt_answer, name="doubt_answer"),
    path("mail-in-doubt/mails/<int:message_id>/settlement", doubts.settlement, name="settlement"),
    path("cases/<str:number>/emails/new", editor.new_email, name="new_mail"),
    path("cases/<str:number>/resolution", resolution.resolution, name="resolution"),
    path("cases/<str:number>/skip", series.skip, name="skip"),
    path("cases/<str:number>/stop", series.stop, name="stop"),
    path("cases/<str:number>/continuation", series.continuation, name="continuation"),
    path("cases/<str:number>/no-reply-needed", series.no_reply_needed, name="no_reply_needed"),
    path("suggested-actions/<int:action_id>/email", editor.suggested_email, name="suggested_email"),
    path("suggested-actions/<int:action_id>/state", editor.state_of_draft, name="state_of_draft"),
    path("suggested-actions/<int:action_id>/approval", suggestions.approval, name="approval"),
    path("suggested-actions/<int:action_id>/withdrawal", suggestions.withdrawal, name="withdrawal"),
    path("suggested-actions/<int:action_id>/discard", suggestions.discard, name="discard"),
    path("suggested-actions/<int:action_id>/completion", suggestions.completion, name="completion"),
    path("suggested-actions/<int:action_id>/feedback", suggestions.feedback, name="feedback"),
    path("mails/<int:message_id>/reading", readings.reading, name="reading"),
    path("rules", rules.rules, name="rules"),
    path("rules/<int:rule_id>/activation", rules.activation, name="rule_activation"),
    path("rules/<int:rule_id>/deactivation", rules.deactivation, name="rule_deactivation"),
]
