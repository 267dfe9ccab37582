"""What may a token do? Each route asks for one of these scopes (spec 9.1)."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """None contains another: who reads and writes cases needs both. The role of the token's user limits it further."""

    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    MAIL_READ = "mail:read"
    MAIL_WRITE = "mail:write"
    RULES_READ = "rules:read"
    RULES_WRITE = "rules:write"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"


MEANING: dict[Scope, str] = {
    Scope.CASES_READ: "see cases, timelines, plans, suggestions, series, contacts, organizations, queues",
    Scope.CASES_WRITE: "make and change cases and contacts; decide about series and suggestions",
    Scope.MAIL_READ: "see mails and mails in doubt",
    Scope.MAIL_WRITE: "send and take back mails; correct readings; answer whose case a mail is",
    Scope.RULES_READ: "see rules, protections and pauses",
    Scope.RULES_WRITE: "change, activate and order rules; set protections and pauses",
    Scope.SETTINGS_READ: "see the switches and how mailboxes do",
    Scope.SETTINGS_WRITE: "turn the master switch; stop all sending",
}
