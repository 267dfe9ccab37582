from django.apps import AppConfig


class AdministrationConfig(AppConfig):
    name = "caseloop.administration"
    label = "administration"
