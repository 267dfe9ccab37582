"""How is a route written down? With its scope, its answer, and a docstring whose first sentence is its summary."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_args, get_type_hints

from ninja import Router
from pydantic import BaseModel

from caseloop.api.access import Gate, ways_in
from caseloop.api.scopes import Scope

View = TypeVar("View", bound=Callable[..., Any])


class Routes:
    """The routes of one resource. Each view is a plain function: it reads its input, calls one verb, and answers."""

    def __init__(self, name: str, for_managers: str = "") -> None:
        self.router = Router(tags=[name])
        self.for_managers = for_managers

    def get(self, path: str, answer: Any, scope: Scope | None) -> Callable[[View], View]:
        return self._route("GET", path, answer, scope)

    def post(self, path: str, answer: Any, scope: Scope, *, status: int = 200) -> Callable[[View], View]:
        """`status` 201 where something new was made."""
        return self._route("POST", path, answer, scope, status=status)

    def put(self, path: str, answer: Any, scope: Scope | None, *, is_personal: bool = False) -> Callable[[View], View]:
        return self._route("PUT", path, answer, scope, is_personal=is_personal)

    def patch(self, path: str, answer: Any, scope: Scope) -> Callable[[View], View]:
        return self._route("PATCH", path, answer, scope)

    def delete(self, path: str, answer: Any, scope: Scope) -> Callable[[View], View]:
        """204 without an answer, or 200 with one."""
        return self._route("DELETE", path, answer, scope, status=200 if answer else 204)

    def _route(
        self,
        method: str,
        path: str,
        answer: Any,
        scope: Scope | None,
        *,
        status: int = 200,
        is_personal: bool = False,
    ) -> Callable[[View], View]:
        def added(view: View) -> View:
            gate = Gate(scope, self.for_managers, _parameters(view), is_personal)
            summary, description = _said(view, gate)
            self.router.add_api_operation(
                path,
                [method],
                view,
                auth=ways_in(gate),
                response={status: answer},
                operation_id=view.__name__,
                summary=summary,
                description=description,
            )
            return view

        return added


def _said(view: Callable[..., Any], gate: Gate) -> tuple[str, str]:
    """The docstring's first sentence, and the rest with what the caller needs."""
    summary, _, rest = " ".join((inspect.getdoc(view) or "").split()).partition(". ")
    needs = [f"Scope: `{gate.scope}`." if gate.scope else "Any token, whatever its scopes."]
    if gate.for_managers:
        needs.append("For managers and administrators; auditors may look.")
    return summary.rstrip("."), " ".join(filter(None, [rest, *needs]))


def _parameters(view: Callable[..., Any]) -> frozenset[str]:
    """The names that the view's `filters` have."""
    hint = get_type_hints(view, include_extras=True).get("filters")
    model = next((each for each in (*get_args(hint), hint) if inspect.isclass(each)), None)
    return frozenset(model.model_fields) if model and issubclass(model, BaseModel) else frozenset()
