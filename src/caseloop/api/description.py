"""How is the API described? ninja's OpenAPI, with the one shape of refusals at every route."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI

from caseloop.api.refusals import Refusal

REFUSALS = {
    "400": "The body is no JSON.",
    "401": "Nobody is known: no token, no session, or a token that was revoked.",
    "403": "The scopes of the token, or the role of its user, do not allow it.",
    "404": "It is not there, or you may not see it.",
    "409": "Its state does not allow it now; load it again.",
    "422": "Something about the input is wrong; the sentence says what.",
}
PLACE = "#/components/schemas/{model}"


def described_with_refusals(api: NinjaAPI) -> dict[str, Any]:
    """The document as plain JSON data."""
    document: dict[str, Any] = dict(api.get_openapi_schema())
    schema = Refusal.model_json_schema(ref_template=PLACE)
    document["components"]["schemas"] |= {**schema.pop("$defs"), "Refusal": schema}
    answer = {"application/json": {"schema": {"$ref": PLACE.format(model="Refusal")}}}
    for operations in document["paths"].values():
        for method, operation in operations.items():
            for status, what in REFUSALS.items():
                if method != "get" or status not in ("400", "409"):
                    operation["responses"][status] = {"description": what, "content": answer}
    return document
