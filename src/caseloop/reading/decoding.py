"""How do bytes become text, whatever charset or transfer encoding they claim?"""

import binascii
import codecs
import quopri
import re

# Names seen in real mail that Python does not know, and names that are nearly always a superset in disguise.
_ALIASES = {
    "ansi_x3.110-1983": "latin-1",
    "ansi": "cp1252",
    "ascii": "us-ascii",
    "cp-850": "cp850",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac-roman",
    "x-sjis": "cp932",
    "x-unknown": "",
    "default": "",
    "unknown-8bit": "",
}
# Codecs that are no charsets: some run programs of their own, some take quadratic time.
_NOT_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_MULTIBYTE = re.compile(r"^(gb|big5|euc|cp9[345]|shift|iso2022|johab|hz)")
_UNWANTED = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, 0x200B, 0x2060, 0xFEFF])
_NOT_TEXT = re.compile("[\ud800-\udfff\ufffe\uffff]")


def decode_text(data: bytes, charset: str | None) -> str:
    """The text of `data`: by the declared charset, else UTF-8, else windows-1252 with replacement. Never raises."""
    codec = known_codec(charset)
    if codec is None and b"\x1b$" in data:
        codec = "iso2022_jp"
    for name in (codec, "utf-8"):
        if name and not (name == "us-ascii" and not data.isascii()):
            try:
                return clean_text(data.decode(name))
            except (UnicodeError, LookupError, ValueError):
                continue
    if codec and _MULTIBYTE.match(codec):
        return clean_text(data.decode(codec, "replace"))
    return clean_text(data.decode("cp1252", "replace"))


def known_codec(charset: str | None) -> str | None:
    """The Python codec for a declared charset, or None where the name means nothing."""
    name = (charset or "").strip("\"' \t\r\n;").lower()
    name = name.removeprefix("charset=").strip("\"' ")
    name = _ALIASES.get(name, name)
    if not name or len(name) > 40 or not name.isascii() or "\x00" in name:
        return None
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if info.name.replace("-", "_") in _NOT_CHARSETS or not getattr(info, "_is_text_encoding", True):
        return None
    return info.name


def decode_transfer(data: bytes, encoding: str) -> bytes:
    """`data` without its Content-Transfer-Encoding (RFC 2045 6.1); as it is where that is unknown. Never raises."""
    match encoding.strip("\"' \t;").lower().replace("_", "-"):
        case "base64" | "b64":
            return _base64(data)
        case "quoted-printable" | "quotedprintable" | "quoted/printable":
            return quopri.decodestring(data)
        case "x-uuencode" | "uuencode" | "uue" | "x-uue":
            return _uuencoded(data)
        case _:
            return data


def _base64(data: bytes) -> bytes:
    # A list footer is often appended, unencoded, to an encoded body: read up to the first blank line after the data.
    head, blank, tail = data.strip().partition(b"\n\n")
    wanted = head if blank and b" " in tail else data
    letters = re.sub(rb"[^A-Za-z0-9+/]", b"", wanted.split(b"=", 1)[0])
    letters = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _uuencoded(data: bytes) -> bytes:
    decoded = []
    for line in data.splitlines():
        if line.startswith((b"begin ", b"end")) or not line.strip():
            continue
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(decoded)


def clean_text(text: str) -> str:
    """`text` with LF line ends and without what no database or page can hold: control letters, lone surrogates."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _NOT_TEXT.sub("\ufffd", text.translate(_UNWANTED))
