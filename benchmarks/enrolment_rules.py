"""How long do 50 rules take, compiled from their conditions, and how long as SQL by hand?"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.db import connection

from benchmarks.processes import Line
from caseloop.administration import clock
from caseloop.cases.models import Case
from caseloop.followups.conditions import matching
from caseloop.followups.models import Rule

RULES = 50
MOST = 2**63 - 1


class NotTheSame(Exception):
    """Both ways gave different rules, so their times cannot be compared."""


def ask(line: Line, *, turns: int) -> dict[str, list[float]]:
    """Seconds of each way, `turns` times in turns after one to warm up; the rules taken have to be the same."""
    now = clock.now()
    rules, by_hand = _rules()
    ids = list(Case.objects.filter(status="active").order_by("?").values_list("pk", flat=True)[:1_000])

    def taken(sql: str, params: Any) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(rule_id), sum(rule_id * case_id) FROM ({sql}) AS ruled", params)
            return cursor.fetchone()

    def compiling() -> None:
        matching._statement.cache_clear()
        matching.sql_of_all_active(rules, now, (0, MOST))

    ways: dict[str, Callable[[], Any]] = {
        "compiled": lambda: taken(*matching.sql_of_all_active(rules, now, (0, MOST))),
        "by hand": lambda: taken(by_hand, {"now": now}),
        "1,000 changed cases": lambda: matching.rule_of_cases(ids, rules, now),
        "compiling": compiling,
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    line.wait()
    for turn in range(turns + 1):
        answers: dict[str, Any] = {}
        for name, work in ways.items():
            began = perf_counter()
            answers[name] = work()
            if turn:
                seconds[name].append(perf_counter() - began)
        if answers["compiled"] != answers["by hand"]:
            raise NotTheSame(f"compiled {answers['compiled']}, by hand {answers['by hand']}")
        seconds["cases taken"] = [float(answers["compiled"][0])]
    return seconds


def _leaf(field: str, operator: str, value: object) -> dict[str, object]:
    return {"field": field, "operator": operator, "value": value}


def _pair(number: int) -> tuple[dict[str, object], str]:
    """A condition, and the same as somebody would write it by hand who knows what is cheap."""
    word, days = f"word{number + 5} ", 100 + number * 7
    title, title_sql = _leaf("title", "contains", word), f"strpos(c.title_folded, '{word}') > 0"
    age = _leaf("age_days", "greater than", days)
    age_sql = f"c.created_at < %(now)s::timestamptz - interval '{days} days'"
    match number % 4:
        case 0:
            return {"all": [title, age]}, f"{age_sql} AND {title_sql}"
        case 1:
            high = _leaf("priority", "equals", "high")
            score = _leaf("custom.score", "greater than", 50)
            score_sql = (
                "CASE WHEN jsonb_typeof(c.custom -> 'score') = 'number'"
                " THEN (c.custom -> 'score')::numeric > 50 ELSE false END"
            )
            return {"all": [title, score, high]}, f"c.priority = 'high' AND {score_sql} AND {title_sql}"
        case 2:
            german = _leaf("contact.language", "in", ["de", "fr"])
            return {"all": [title, {"not": german}, age]}, (
                f"{age_sql} AND {title_sql} AND NOT coalesce(lower(p.language) IN ('de', 'fr'), false)"
            )
        case _:
            mail = _leaf("last_inbound_subject", "contains", word)
            mail_sql = f"strpos(lower(c.last_inbound_subject), '{word}') > 0"
            return {"all": [{"any": [mail, title]}, age]}, f"{age_sql} AND ({title_sql} OR {mail_sql})"


def _rules() -> tuple[list[Rule], str]:
    pairs = [_pair(number) for number in range(RULES)]
    rules = [Rule(pk=number, name=str(number), conditions=pair[0]) for number, pair in enumerate(pairs, 1)]
    by_hand = " ".join(f"WHEN {pair[1]} THEN {number}" for number, pair in enumerate(pairs, 1))
    return rules, (
        f"SELECT c.id AS case_id, CASE {by_hand} END AS rule_id"
        " FROM cases_case c LEFT JOIN cases_contact p ON p.id = c.contact_id WHERE c.status = 'active' OFFSET 0"
    )
