"""In which language is this text?"""

# ruff: noqa: E501 -- a table of words is read row by row

import re
from collections import Counter

# Small words that are frequent in one language and rare in its neighbors.
_WORDS = {
    "en": "the and is are was you your for with have has will not this that from been would could my we it's i'm i i'll of to out back please thanks on at still when then if one so but they all no need up how do she he what got",
    "de": "der die das und ist nicht ich sie wir mit für auf ein eine bin im ihre ihr noch werde haben auch wieder bitte danke den dem am vom zum bis kann es wurde",
    "fr": "le la les et est pas je vous nous pour avec une sur du des mon votre suis au bonjour merci cordialement que ce ne mais dans en été cette ça",
    "es": "el la los y es no que por con para una está estoy gracias hola su mi lo se del al pero muy buenos días tardes hasta más ya sigue correo saludos",
    "pt": "o os as e é não que por com para uma está estou obrigado obrigada olá bom dia seu sua meu minha do da em ao no na mas já até mais prezados férias você",
    "it": "il lo gli e è non che per con una sono grazie buongiorno mio vostro del della di al ma ancora anche questo sul dal fino più ho ci sarò",
    "nl": "de het een en is niet ik u wij met voor op van mijn uw zijn heb nog ben aan maar dat dit bedankt groet weer naar ook hebben wordt te",
    "pl": "i nie jest się na do z w że dziękuję dzień dobry proszę jestem to od za po czy tak już mam będę jak pan pani oraz przez ale",
    "tr": "ve bir bu için ile merhaba teşekkürler değil var yok çok ben sizin günü olarak tarihinde kadar ancak ama daha hala mi mı iyi rica ederim",
    "sv": "och är inte jag det att en ett för med på av som har vi till den tack hej hälsningar kan från men om är vid mitt åter min ska",
    "da": "og er ikke jeg det at en et for med på af som har vi til den tak hej hilsen kan fra men jeres mit igen venlig",
    "no": "og er ikke jeg det at en et for med på av som har vi til den takk hei hilsen kan fra men deres mitt igjen vennlig",
    "fi": "ja on ei että olen hei kiitos ovat mutta tämä se kun myös voi ystävällisin terveisin",
    "cs": "je není se na do že děkuji dobrý den prosím jsem to od za po ale pozdravem bude",
}
_VOCABULARY = {language: frozenset(words.split()) for language, words in _WORDS.items()}
_SCRIPTS = (
    ("ja", re.compile(r"[\u3041-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
)
_LETTERS = {
    "ß": "de",
    "ñ": "es",
    "¿": "es",
    "ã": "pt",
    "õ": "pt",
    "ł": "pl",
    "ż": "pl",
    "ś": "pl",
    "ğ": "tr",
    "ş": "tr",
    "ı": "tr",
    "ř": "cs",
    "ů": "cs",
    "œ": "fr",
    "ij": "nl",
}


def guess_language(text: str) -> str | None:
    """The two-letter code (ISO 639-1) of the language `text` is most likely written in; None where too little speaks for one."""
    text = text[:3000].lower()
    letters = len(re.findall(r"[^\W\d_]", text))
    for language, script in _SCRIPTS:
        found = len(script.findall(text))
        if found >= 2 and found * 6 >= letters:
            # Japanese writes with Chinese letters too: a few kana decide.
            return language
    words = Counter(re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.replace("’", "'")))
    scores = {
        language: sum(min(count, 3) for word, count in words.items() if word in vocabulary)
        for language, vocabulary in _VOCABULARY.items()
    }
    for letter, language in _LETTERS.items():
        scores[language] += 2 * min(2, text.count(letter))
    best, second = sorted(scores.values(), reverse=True)[:2]
    if best < 2 or best == second:
        return None
    return max(scores, key=scores.__getitem__)
