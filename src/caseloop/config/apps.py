from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "caseloop.config"
    label = "config"
