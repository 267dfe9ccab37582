"""The HTML of one mail from its own address, with a policy of its own, for a sandboxed frame (spec 4.5)."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import cache_control

from caseloop.accounts.access import WorkspaceRequest, page
from caseloop.mail.sanitizing import sanitized
from caseloop.mail.views.detail import mail_or_404

STYLE = (
    "body{margin:16px;background:#fff;color:#191d22;font:15px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}"
    "img{max-width:100%;height:auto}"
)
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:{images}; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


@cache_control(private=True, no_store=True)
@page
def mail_body(request: WorkspaceRequest, message_id: int) -> HttpResponse:
    """Sanitized, without scripts, forms and frames; remote images only when asked for."""
    mail = mail_or_404(request, message_id)
    with_images = request.GET.get("images") == "1"
    answer = HttpResponse(_document(mail.html, mail.language, with_images=with_images))
    answer["Content-Security-Policy"] = POLICY.format(images=" https:" if with_images else "")
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _document(html: str, language: str, *, with_images: bool) -> str:
    lang = language if language.replace("-", "").isalnum() else ""
    head = f'<meta charset="utf-8"><base target="_blank"><title>Mail</title><style>{STYLE}</style>'
    body = sanitized(html, with_images=with_images)
    return mark_safe(f'<!doctype html><html lang="{lang}"><head>{head}</head><body>{body}</body></html>')  # noqa: S308
