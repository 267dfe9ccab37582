"""Into which pieces does a reply fall, so that each can be judged by itself?"""

import re
from dataclasses import dataclass
from itertools import pairwise

from caseloop.assistant.builtin.lexicon import Lexicon, normalized

MAX_TEXT = 6_000
"""Characters of a reply that are read; what a customer means stands before that."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？!?])(?=\S)|\n+|;\s|；|\s[–—]\s")
_TO_MACHINES = re.compile(
    r"(?i)<!--.*?-->"
    r"|\[[^\]]{0,400}\b(?:ai|ia|ki|bot|automat\w*|system\w*|asist\w*|assist\w*)\b[^\]]{0,400}\]"
    r"|(?:\[external[^\]]*\]\s*)?automated systems?[^.\n]*[.\n]?",
    re.S,
)
_ORDERS_TO_MACHINES = re.compile(
    "|".join(
        (
            r"ignore (?:all |any )?(?:previous|prior|above|earlier)|system prompt|previous instructions",
            r"maintenance mode",
            r"you are now\b|classify this|label\s*=|confidence\s*=|\bread by a bot\b|as an ai\b",
            r"\b(?:dear|hey|note to the|attention) (?:ai|bot|llm|assistant|model)\b",
            r"(?:nota para|para) (?:el asistente|la ia|o assistente|a ia)|eres un agente|você é agora",
            r"hinweis (?:an|für) (?:die|den) (?:ki|bot|assistent\w*)|du bist (?:jetzt|nun) ein",
            r"(?:consigne|note|instruction)s? (?:pour|à) (?:le système|l'ia|l'assistant)",
            r"(?:nota|istruzion\w*) per (?:l'ia|il sistema|l'assistente)",
            r"ignor\w+ .{0,25}(?:instruc|anweis|istruzion|consign)",
            r"(?:忽略|无视).{0,8}(?:指令|指示|提示)|(?:ai|人工智能|机器人)助手",
            r"(?:以前|これまで)の指示|aiアシスタント|システムプロンプト",
            r"(?:önceki|yukarıdaki) (?:tüm )?talimat|(?:ignoruj|zignoruj) .{0,20}(?:polecenia|instrukcje)",
            r"(?:ignorera|bortse från) .{0,20}instruktion|negeer .{0,20}instructies",
        )
    )
)
_FOOTNOTE = re.compile(r"(?im)^\s*(?:please note|note|nb|let op|hinweis|nota|attention|obs|uwaga|not)\s*:")
_IMAGES = re.compile(r"\[[^\]\n]{1,80}\.(?:png|jpe?g|gif|heic|mp4|mov|pdf)\]", re.I)


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of a reply: `said` as the customer wrote it, `text` in the form that cues are looked for in."""

    said: str
    text: str
    is_asked: bool = False
    is_contrast: bool = False


def clauses_of(reply: str, last_our_mail: str, lexicon: Lexicon) -> tuple[tuple[Clause, ...], bool]:
    """The reply's clauses without greeting, sign-off, our own words and orders to machines; and whether
    there were such."""
    text = _FOOTNOTE.split(reply[:MAX_TEXT])[0]
    has_orders = bool(_TO_MACHINES.search(text))
    text = _IMAGES.sub(" ", _TO_MACHINES.sub("\n", text))
    ours = _letters(last_our_mail)
    found: list[Clause] = []
    for sentence in filter(None, map(str.strip, _SENTENCE_END.split(text))):
        plain = normalized(sentence)
        if _ORDERS_TO_MACHINES.search(plain):
            has_orders = True
        elif not _is_formula(plain, lexicon) and not (len(sentence) > 8 and _letters(sentence) in ours):
            found.extend(_parts(sentence, plain, lexicon))
    return tuple(found), has_orders


def _letters(text: str) -> str:
    """Letters and digits only, to find our own words again however a mail program broke the lines."""
    return re.sub(r"[\W_]+", "", text.lower())


def _is_formula(plain: str, lexicon: Lexicon) -> bool:
    """A greeting or a sign-off, with a name at most."""
    for kind in ("greeting", "closing"):
        match = lexicon[kind].match(plain.lstrip("-–,. "))
        if match and len(plain) - match.end() <= (32 if kind == "greeting" else 24) and "?" not in plain[match.end() :]:
            rest = plain[match.end() :]
            return not any(
                lexicon.has(cue, rest) for cue in ("yes", "no", "good", "bad", "close", "later", "bad_phrases")
            )
    return False


def _parts(sentence: str, plain: str, lexicon: Lexicon) -> list[Clause]:
    """The sentence cut where it turns ("…, but …"); only its last part is what a question mark asks."""
    is_asked = plain.endswith(("?", "？", "?)"))
    turns = [match.start() for match in lexicon["contrast"].finditer(plain) if match.start() > 0]
    edges = [0, *turns, len(plain)]
    parts = [
        Clause(
            said=sentence,
            text=plain[start:end].strip(),
            is_asked=is_asked and end == len(plain),
            is_contrast=start > 0 or bool(lexicon["contrast"].match(plain)),
        )
        for start, end in pairwise(edges)
    ]
    return [part for part in parts if re.search(r"\w", part.text)]
