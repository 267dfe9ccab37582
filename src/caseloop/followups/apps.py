from django.apps import AppConfig


class FollowupsConfig(AppConfig):
    name = "caseloop.followups"
    label = "followups"
