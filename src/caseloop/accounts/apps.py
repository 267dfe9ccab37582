from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "caseloop.accounts"
    label = "accounts"
