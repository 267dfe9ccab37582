"""Which part of a stranger's HTML is shown? What formats words, and nothing that acts or calls home (spec 4.5)."""

from __future__ import annotations

import nh3

TAGS = nh3.ALLOWED_TAGS | {"font", "center", "u", "s"}
STYLES = {
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-left",
    "border-radius",
    "border-right",
    "border-top",
    "color",
    "direction",
    "display",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-weight",
    "height",
    "line-height",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-width",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "text-align",
    "text-decoration",
    "vertical-align",
    "white-space",
    "width",
}
EVERYWHERE = {"style", "dir", "lang", "title", "align", "valign", "bgcolor", "color", "width", "height"}
ATTRIBUTES = {
    "*": EVERYWHERE,
    "a": {"href"},
    "img": {"src", "alt"},
    "table": {"border", "cellpadding", "cellspacing", "role"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "font": {"face", "size"},
    "ol": {"start", "type"},
}


def sanitized(html: str, *, with_images: bool) -> str:
    """HTML without scripts, forms, frames, handlers and remote images; `with_images` keeps those from https."""

    def kept(tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute == "src":
            is_shown = value.startswith("data:image/") or (with_images and value.startswith("https://"))
            return value if is_shown else None
        if tag == "a" and value.lower().startswith("data:"):
            return None
        return None if "url(" in value.lower() and attribute == "style" else value

    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=kept,
        filter_style_properties=STYLES,
        url_schemes={"http", "https", "mailto", "tel", "data"},
        link_rel="noopener noreferrer nofollow",
    )
