"""The addresses of mails."""

from django.urls import path

from caseloop.mail.views import body, detail

app_name = "mail"
urlpatterns = [
    path("mails/<int:message_id>", detail.mail_detail, name="detail"),
    path("mails/<int:message_id>/body", body.mail_body, name="body"),
    path("mails/<int:message_id>/original", detail.original, name="original"),
    path("mails/<int:message_id>/opening", detail.opening, name="opening"),
    path("mails/<int:message_id>/withdrawal", detail.withdrawal, name="withdrawal"),
]
