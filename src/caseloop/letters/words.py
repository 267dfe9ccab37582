"""Which words does Caseloop itself add around a letter, in each language?"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

BUTTONS = ("solved", "need_help", "more_time", "no_more")
"""What a customer can press in a mail (spec 4.6)."""


def words_for(language: str) -> "Words":
    """The words in that language ("de", "pt-BR"), or in English where we have none."""
    return WORDS.get(base_language(language)) or WORDS["en"]


@lru_cache(maxsize=256)
def base_language(language: str) -> str:
    """`pt-BR` and `pt_BR` → `pt`."""
    return language.replace("_", "-").partition("-")[0].lower()


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed sentences of one language."""

    regards: str
    on_behalf: str
    case: str
    automatic: str
    keep_open: str
    keep_open_with_buttons: str
    greets_by_first_name: bool
    buttons: Mapping[str, str]


def _buttons(solved: str, need_help: str, more_time: str, no_more: str) -> Mapping[str, str]:
    return MappingProxyType(dict(zip(BUTTONS, (solved, need_help, more_time, no_more), strict=True)))


WORDS = {
    "en": Words(
        regards="Kind regards",
        on_behalf="for {name}",
        case="Case {number}",
        automatic="This email was written automatically. A person reads your answer.",
        keep_open="To keep it open, reply to this email. A person reads it.",
        keep_open_with_buttons=("To keep it open, reply to this email or choose one of these. A person reads it."),
        greets_by_first_name=True,
        buttons=_buttons("It’s solved", "I still need help", "I need more time", "No more emails about this case"),
    ),
    "de": Words(
        regards="Freundliche Grüße",
        on_behalf="für {name}",
        case="Vorgang {number}",
        automatic="Diese E-Mail wurde automatisch geschrieben. Ihre Antwort liest ein Mensch.",
        keep_open="Soll er offen bleiben? Dann antworten Sie auf diese E-Mail. Ein Mensch liest es.",
        keep_open_with_buttons=(
            "Soll er offen bleiben? Dann antworten Sie auf diese E-Mail oder wählen Sie hier. Ein Mensch liest es."
        ),
        greets_by_first_name=False,
        buttons=_buttons(
            "Erledigt",
            "Ich brauche noch Hilfe",
            "Ich brauche mehr Zeit",
            "Keine weiteren E-Mails zu diesem Vorgang",
        ),
    ),
    "fr": Words(
        regards="Cordialement",
        on_behalf="pour {name}",
        case="Dossier {number}",
        automatic="Cet e-mail a été rédigé automatiquement. Votre réponse sera lue par une personne.",
        keep_open="Pour le garder ouvert, répondez à cet e-mail. Une personne lira votre réponse.",
        keep_open_with_buttons=(
            "Pour le garder ouvert, répondez à cet e-mail ou choisissez ci-dessous. Une personne lira votre réponse."
        ),
        greets_by_first_name=False,
        buttons=_buttons(
            "C’est résolu",
            "J’ai encore besoin d’aide",
            "Il me faut plus de temps",
            "Plus d’e-mails au sujet de ce dossier",
        ),
    ),
    "es": Words(
        regards="Un cordial saludo",
        on_behalf="en nombre de {name}",
        case="Caso {number}",
        automatic="Este correo se ha escrito automáticamente. Su respuesta la lee una persona.",
        keep_open="Para mantenerlo abierto, responda a este correo. Lo lee una persona.",
        keep_open_with_buttons=(
            "Para mantenerlo abierto, responda a este correo o elija una de estas opciones. Lo lee una persona."
        ),
        greets_by_first_name=True,
        buttons=_buttons(
            "Está resuelto", "Aún necesito ayuda", "Necesito más tiempo", "No más correos sobre este caso"
        ),
    ),
    "pt": Words(
        regards="Atenciosamente",
        on_behalf="em nome de {name}",
        case="Caso {number}",
        automatic="Este e-mail foi escrito automaticamente. A sua resposta é lida por uma pessoa.",
        keep_open="Para mantê-lo aberto, responda a este e-mail. Uma pessoa lê a resposta.",
        keep_open_with_buttons=(
            "Para mantê-lo aberto, responda a este e-mail ou escolha uma destas opções. Uma pessoa lê a resposta."
        ),
        greets_by_first_name=True,
        buttons=_buttons(
            "Está resolvido",
            "Ainda preciso de ajuda",
            "Preciso de mais tempo",
            "Não receber mais e-mails sobre este caso",
        ),
    ),
    "it": Words(
        regards="Cordiali saluti",
        on_behalf="per conto di {name}",
        case="Pratica {number}",
        automatic="Questa e-mail è scritta automaticamente. La Sua risposta viene letta da una persona.",
        keep_open="Per tenerla aperta, risponda a questa e-mail. La legge una persona.",
        keep_open_with_buttons=(
            "Per tenerla aperta, risponda a questa e-mail o scelga una di queste opzioni. La legge una persona."
        ),
        greets_by_first_name=False,
        buttons=_buttons(
            "È risolto",
            "Ho ancora bisogno di aiuto",
            "Mi serve più tempo",
            "Nessun’altra e-mail su questa pratica",
        ),
    ),
    "nl": Words(
        regards="Met vriendelijke groet",
        on_behalf="namens {name}",
        case="Zaak {number}",
        automatic="Deze e-mail is automatisch geschreven. Uw antwoord wordt door een mens gelezen.",
        keep_open="Wilt u de zaak openhouden? Beantwoord dan deze e-mail. Een mens leest uw antwoord.",
        keep_open_with_buttons=(
            "Wilt u de zaak openhouden? Beantwoord dan deze e-mail of kies hieronder. Een mens leest uw antwoord."
        ),
        greets_by_first_name=False,
        buttons=_buttons(
            "Het is opgelost",
            "Ik heb nog hulp nodig",
            "Ik heb meer tijd nodig",
            "Geen e-mails meer over deze zaak",
        ),
    ),
    "ja": Words(
        regards="どうぞよろしくお願いいたします。",
        on_behalf="（担当：{name}）",
        case="お問い合わせ番号 {number}",
        automatic="このメールは自動で作成されました。ご返信は担当者が読みます。",
        keep_open="引き続き対応をご希望の場合は、このメールにご返信ください。担当者が読みます。",
        keep_open_with_buttons=(
            "引き続き対応をご希望の場合は、このメールにご返信いただくか、下からお選びください。担当者が読みます。"
        ),
        greets_by_first_name=False,
        buttons=_buttons(
            "解決しました",
            "まだサポートが必要です",
            "もう少し時間が必要です",
            "この件のメールを今後受け取らない",
        ),
    ),
}
