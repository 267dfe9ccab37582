"""The pages of the demo; elsewhere they are not there."""

from __future__ import annotations

from django.urls import path

from caseloop.demo import views

app_name = "demo"
urlpatterns = [
    path("demo/mailbox", views.mailbox, name="mailbox"),
    path("demo/mailbox/<str:address>", views.mailbox, name="mailbox_of"),
    path("demo/mailbox/<str:address>/news", views.news, name="news"),
    path("demo/mailbox/<str:address>/words", views.words_to_send, name="words"),
    path("demo/mailbox/<str:address>/answers", views.answers, name="answers"),
    path("demo/mailbox/<str:address>/mails/<str:key>/body", views.body, name="body"),
    path("demo/clock", views.clock, name="clock"),
]
