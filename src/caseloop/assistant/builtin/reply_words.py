"""With which sentence does a reply begin, in each language, by what the customer said?"""

from collections.abc import Mapping

from caseloop.domain.facts import Label

_LABELS = (
    Label.FAVORABLE,
    Label.NEGATIVE,
    Label.INFORMATION,
    Label.QUESTION,
    Label.DEFERRAL,
    Label.AUTOMATIC,
    Label.UNCLEAR,
)


def _opening(named: str, nameless: str, *sentences: str) -> tuple[tuple[str, str], Mapping[Label, str]]:
    """Sentences for favorable, negative, information, question, deferral; the last one for the rest."""
    *told, rest = sentences
    return (named, nameless), dict(zip(_LABELS, (*told, rest, rest), strict=True))


OPENINGS = {
    "en": _opening(
        "Hello {name},",
        "Hello,",
        "Thank you for telling us that it is solved.",
        "Thank you for telling us that it is not solved yet.",
        "Thank you for the details.",
        "Thank you for your question.",
        "Thank you for letting us know when we can expect your answer.",
        "Thank you for your message.",
    ),
    "de": _opening(
        "Guten Tag {name},",
        "Guten Tag,",
        "danke für die Nachricht, dass es erledigt ist.",
        "danke für die Nachricht, dass es noch nicht gelöst ist.",
        "danke für Ihre Angaben.",
        "danke für Ihre Frage.",
        "danke für die Nachricht, wann wir mit Ihrer Antwort rechnen können.",
        "danke für Ihre Nachricht.",
    ),
    "fr": _opening(
        "Bonjour {name},",
        "Bonjour,",
        "Merci de nous avoir dit que c’est résolu.",
        "Merci de nous avoir dit que ce n’est pas encore résolu.",
        "Merci pour ces précisions.",
        "Merci pour votre question.",
        "Merci de nous avoir dit quand nous pourrons attendre votre réponse.",
        "Merci pour votre message.",
    ),
    "es": _opening(
        "Hola, {name}:",
        "Hola:",
        "Gracias por decirnos que está resuelto.",
        "Gracias por decirnos que todavía no está resuelto.",
        "Gracias por los datos.",
        "Gracias por su pregunta.",
        "Gracias por decirnos cuándo podemos esperar su respuesta.",
        "Gracias por su mensaje.",
    ),
    "pt": _opening(
        "Olá, {name}.",
        "Olá.",
        "Agradecemos a informação de que está resolvido.",
        "Agradecemos a informação de que ainda não está resolvido.",
        "Agradecemos os dados.",
        "Agradecemos a sua pergunta.",
        "Agradecemos a informação de quando podemos esperar a sua resposta.",
        "Agradecemos a sua mensagem.",
    ),
    "it": _opening(
        "Buongiorno {name},",
        "Buongiorno,",
        "grazie per averci detto che è risolto.",
        "grazie per averci detto che non è ancora risolto.",
        "grazie per le informazioni.",
        "grazie per la Sua domanda.",
        "grazie per averci detto quando possiamo attendere la Sua risposta.",
        "grazie per il Suo messaggio.",
    ),
    "nl": _opening(
        "Goedendag {name},",
        "Goedendag,",
        "Bedankt voor uw bericht dat het is opgelost.",
        "Bedankt voor uw bericht dat het nog niet is opgelost.",
        "Bedankt voor de gegevens.",
        "Bedankt voor uw vraag.",
        "Bedankt voor uw bericht wanneer wij uw antwoord kunnen verwachten.",
        "Bedankt voor uw bericht.",
    ),
    "ja": _opening(
        "{name}様",
        "お客様",
        "解決したとのご連絡をいただき、ありがとうございます。",
        "まだ解決していないとのご連絡をいただき、ありがとうございます。",
        "情報をお知らせいただき、ありがとうございます。",
        "ご質問いただき、ありがとうございます。",
        "ご返信の時期をお知らせいただき、ありがとうございます。",
        "ご連絡いただき、ありがとうございます。",
    ),
}
"""Greeting with and without a name, and the sentence for each label; "en" for other languages."""
