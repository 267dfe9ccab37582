"""Where does a signature, a device's greeting or a list's footer begin?"""

import re

_DELIMITER = re.compile(r"^\s{0,2}(?:--|—|–|__)\s*$")
_RULE = re.compile(r"^\s{0,2}[-_=*]{5,}\s*$")
_DEVICE = re.compile(
    r"^\s*[>*_\[(]{0,3}(?:(?:sent|shared|written) (?:from|with|via|using|by)\b|get outlook for|sent: from|"
    r"(?:von|mit) (?:meinem?|unterwegs|der|outlook).{0,60}gesendet|gesendet (?:von|mit)|"
    r"diese nachricht wurde von meinem|"
    r"envoy[ée] (?:de(?:puis)?|à partir|avec|via)|t[ée]l[ée]chargez? outlook|obtenez? outlook|"
    r"enviado (?:desde|do|a partir|via|con|com|de)|"
    r"obt[ée]n(?:er|ga|ha)? (?:o )?outlook|obtener outlook|inviato (?:da(?:l|lla)?|con)|scarica outlook|"
    r"ottieni outlook|"
    r"verzonden (?:vanaf|met|via|vanuit)|verstuurd vanaf|outlook voor|skickat fr[åa]n|skickades fr[åa]n|"
    r"h[äa]mta outlook|"
    r"sendt fra|hent outlook|l[äa]hetetty|wys[łl]an[eoy] (?:z|ze)\b|pobierz (?:aplikacj[ęe] )?outlook|"
    r"odesl[áa]no z|"
    r"отправлено (?:с|из)|надіслано з|iphone['’]?[ıiuü]mdan g[öo]nderildi|.{0,40}[’']?[dt]an g[öo]nderildi|"
    r"iphoneから送信|.{0,20}から送信|发自我的|從我的|来自我的|從.{1,20}傳送|自我的|나의 iphone에서|\[?iphone에서 보냄)"
    r".{0,120}$",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"(?:\+?\d[\d\s().\-/]{6,}\d)|https?://|\bwww\.|@[\w-]+\.|\b(?:tel|phone|fax|mobile?|mobil|cell|skype|"
    r"ext)\b[.:]|"
    r"^\s*[tfmpe]\.?:?\s+[\d+(]",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"mailing list|unsubscribe|mailman/listinfo|listserv|email is sponsored by|to stop receiving|"
    r"google groups|"
    r"abmelden|désinscrire|darse de baja|virus-free|viren(?:frei|geprüft)|avast|checked for viruses",
    re.IGNORECASE,
)
_PRIVACY = re.compile(
    r"^\W{0,4}(?:this (?:e-?mail|message|communication)\b.{0,80}\b(?:confidential|intended|privileged)|"
    r"(?:confidentiality|legal) (?:notice|disclaimer)|disclaimer\s*:|"
    r"the information (?:contained )?in this (?:e-?mail|message)|"
    r"diese e-?mail (?:enth[äa]lt|und)\b.{0,60}(?:vertraulich|anh[äa]nge)|ce (?:message|"
    r"courriel)\b.{0,80}confidentiel|"
    r"este (?:mensaje|correo)\b.{0,80}confidencial|esta mensagem\b.{0,80}confidencia|"
    r"(?:le informazioni|questo messaggio|questa e-?mail)\b.{0,80}riservat|"
    r"dit bericht\b.{0,80}vertrouwelijk)",
    re.IGNORECASE,
)


def without_signature(lines: list[str]) -> list[str]:
    """`lines` up to the signature, footer or disclaimer; unchanged where nothing would be left above it."""
    candidates = [at for at, line in enumerate(lines) if _may_begin(line)][:_MAX_CANDIDATES]
    for position in candidates:
        if _begins_signature(lines, position, lines[position]) and _is_written(lines[:position]):
            lines = lines[:position]
            break
    return _without_device(lines)


_MAX_CANDIDATES = 60


def _may_begin(line: str) -> bool:
    return bool(_DELIMITER.match(line) or _RULE.match(line) or _PRIVACY.match(line))


def _begins_signature(lines: list[str], position: int, line: str) -> bool:
    if _DELIMITER.match(line):
        return len(lines) - position <= 60
    if _RULE.match(line):
        below = [text for text in lines[position + 1 : position + 41] if text.strip()]
        return _is_footer(below) or (len(lines) - position <= 41 and _is_card(below))
    return bool(_PRIVACY.match(line)) and len(lines) - position <= 40


def _is_footer(below: list[str]) -> bool:
    return bool(below) and any(_FOOTER.search(line) for line in below[:4])


def _is_card(below: list[str]) -> bool:
    """Short lines to the end, several of them ways to reach somebody."""
    if not 2 <= len(below) <= 15 or any(len(line) > 90 for line in below):
        return False
    return len([line for line in below if _CONTACT.search(line)]) >= 2


def _without_device(lines: list[str]) -> list[str]:
    kept = [line for line in lines if not (_DEVICE.match(line) and _stands_apart(lines, line))]
    return kept if _is_written(kept) or not _is_written(lines) else lines


def _stands_apart(lines: list[str], line: str) -> bool:
    """Whether the line ends the text or stands between blanks: "Sent from the warehouse, …" may be content."""
    at = lines.index(line)
    rest = [text for text in lines[at + 1 :] if text.strip()]
    alone = (at == 0 or not lines[at - 1].strip()) and (at + 1 >= len(lines) or not lines[at + 1].strip())
    if len(line.split()) > 6 and (line.endswith((".", "!", "?")) or ", " in line):
        return False
    return len(line) < 120 and (not rest or (alone and len(rest) < 12))


def _is_written(lines: list[str]) -> bool:
    return any(line.strip() for line in lines)
