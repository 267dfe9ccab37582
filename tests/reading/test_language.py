"""Is the language of a short mail guessed, and left open where nothing speaks for one?"""

import pytest

from caseloop.reading.language import guess_language

SENTENCES = {
    "en": "The machine is still leaking and I would like to have it repaired.",
    "de": "Die Maschine tropft leider immer noch und ich bin nicht zufrieden.",
    "fr": "La machine fuit encore et je ne suis pas contente de votre service.",
    "es": "La máquina sigue perdiendo agua y no estoy contenta con el servicio.",
    "pt": "A máquina continua vazando e não estou satisfeita com o atendimento.",
    "it": "La macchina perde ancora acqua e non sono contenta del servizio.",
    "nl": "Het apparaat lekt nog steeds en ik ben niet tevreden met de service.",
    "pl": "Ekspres nadal cieknie i nie jestem zadowolona z naprawy.",
    "tr": "Makine hala su kaçırıyor ve bu durumdan memnun değilim.",
    "sv": "Maskinen läcker fortfarande och jag är inte nöjd med det.",
    "ja": "まだ水が漏れています。修理をお願いします。",
    "zh": "机器还是漏水，请尽快安排维修。",
    "ru": "Машина всё ещё течёт, почините её, пожалуйста.",
}


@pytest.mark.parametrize("language,sentence", SENTENCES.items())
def test_a_sentence_is_enough(language: str, sentence: str) -> None:
    assert guess_language(sentence) == language


@pytest.mark.parametrize("text", ["", "4711", "👍", "CM-7 / 4711-A"])
def test_nothing_is_guessed_from_nothing(text: str) -> None:
    assert guess_language(text) is None
