"""Who plays in the demo, and what do they write?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

import yaml

MAILBOX = "support@contoso.example"
SENDER_NAME = "Contoso Coffee Care"
APPLICATION_USER = "Contoso Care Assistant"
PASSWORD = "coffee-with-milk"  # noqa: S105 - of invented people, on a server that only this machine reaches
OFFICE = "Europe/Berlin"
KEY_ACCOUNTS = "Key accounts"
STANDARD_CARE = "Standard care"


class Acts(StrEnum):
    """How a customer of the story behaves after the first follow-up of the agent."""

    SILENT = "silent"
    FAVORABLE = "favorable"
    NEGATIVE = "negative"
    OUT_OF_OFFICE = "out_of_office"
    BOUNCE = "bounce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody of ours, who signs in with `username` and `PASSWORD`."""

    username: str
    name: str
    role: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A customer with one case: `asks` opens it, `answer` is what Sofia writes back."""

    level: str
    acts: Acts
    name: str
    address: str
    organization: str
    language: str
    zone: str
    title: str
    asks: str
    answer: str

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    @property
    def queue(self) -> str:
        """The queue whose rule has this level."""
        return KEY_ACCOUNTS if self.level == "confirm" else STANDARD_CARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody; `yours` is the customer whom the reader plays after the story."""

    colleagues: tuple[Colleague, ...]
    customers: tuple[Customer, ...]
    yours: Customer

    @property
    def all_customers(self) -> tuple[Customer, ...]:
        return (*self.customers, self.yours)

    def customer(self, address: str) -> Customer | None:
        """The customer who reads mail at this address."""
        return next((each for each in self.all_customers if each.address == address.lower()), None)


@cache
def the_cast() -> Cast:
    """The people of `cast.yaml`."""
    data = _data("cast.yaml")
    return Cast(
        colleagues=tuple(Colleague(**each) for each in data["colleagues"]),
        customers=tuple(_customer(each) for each in data["customers"]),
        yours=_customer(data["yours"]),
    )


def words(language: str, kind: str) -> str:
    """What a customer of that language writes: thanks, angry, next_week, question, on_holiday, on_holiday_subject."""
    answers = _data("answers.yaml")
    said: str = answers.get(language, answers["en"])[kind]
    return said


def _customer(data: dict[str, Any]) -> Customer:
    return Customer(**{**data, "acts": Acts(data["acts"])})


@cache
def _data(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(resources.files(__package__).joinpath(name).read_text("utf-8"))
    return loaded
