from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "caseloop.letters"
    label = "letters"
