from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "caseloop.mail"
    label = "mail"
