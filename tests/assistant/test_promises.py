"""Is it seen whether we owe the customer something, or the customer us an answer?"""

import pytest

from caseloop.assistant.builtin.promises import BuiltinMailJudge

JUDGE = BuiltinMailJudge()

PROMISES = [
    "Thank you for the log. I'll get back to you as soon as I know more.",
    "Our technician will call you tomorrow to arrange a visit.",
    "We are still looking into this with the warehouse.",
    "Vielen Dank für die Angaben. Ich melde mich bei Ihnen, sobald ich mehr weiß.".replace(
        ", sobald ich mehr weiß", ""
    ),
    "Wir werden das mit der Technik klären.",
    "Merci pour ces informations. Je reviens vers vous rapidement.",
    "Gracias por los datos. Le informaremos en los próximos días.",
    "Obrigado pelos dados. Vamos verificar com o fornecedor.",
    "Grazie per le foto. La ricontatteremo domani mattina.",
    "Bedankt voor de foto's. Wij komen hier zo snel mogelijk op terug.",
    "ご連絡ありがとうございます。確認の上、ご連絡いたします。",
    "Dziękujemy za zdjęcia. Sprawdzimy to i odezwiemy się jutro.",
    "Bilgiler için teşekkürler. Ekibimiz yarın sizi arayacak.",
    "Tack för bilderna. Jag återkommer i morgon med besked.",
    "感谢您的反馈，我们会尽快核实并回复您。",
]

QUESTIONS = [
    "Hello Anna, we have updated the firmware. Does the grinder work now?",
    "Hello Anna, please let us know whether the label worked. If we do not hear from you, we will close the case.",
    "Could you send us the serial number? Once you have sent it, we will check the warranty.",
    "Guten Tag Frau Vogel, wir haben die Rechnung korrigiert. Stimmt jetzt alles?",
    "Guten Tag, bitte nennen Sie uns die Seriennummer. Sobald wir sie haben, prüfen wir die Garantie.",
    "Bonjour Madame, le colis est-il bien arrivé ?",
    "Hola Ana, ¿funciona ya la impresora?",
    "Olá Ana, o sinal voltou ao normal?",
    "Buongiorno Anna, la perdita si è fermata?",
    "Beste Anna, werkt de koppeling weer?",
    "中村様、その後、切断は発生しておりますでしょうか。",
    "Dzień dobry, czy drukarka już działa poprawnie?",
    "Merhaba Ayşe Hanım, yazıcı şimdi çalışıyor mu?",
    "Hej Anna, fungerar skrivaren nu?",
    "您好，请问打印机现在正常了吗？",
]


@pytest.mark.parametrize("mail", PROMISES)
def test_promise_of_ours_is_found_and_quoted(mail):
    promise = JUDGE.promises_something(mail)
    assert promise is not None
    assert promise.words in mail
    assert JUDGE.leaves_next_move_with_customer(mail) is None


@pytest.mark.parametrize("mail", QUESTIONS)
def test_question_leaves_the_next_move_with_the_customer(mail):
    assert JUDGE.promises_something(mail) is None
    move = JUDGE.leaves_next_move_with_customer(mail)
    assert move is not None
    assert move.words in mail


@pytest.mark.parametrize("mail", ["", "Hello Anna,\n\nthe case is closed.\n\nKind regards", "Danke und viele Grüße"])
def test_mail_that_asks_and_promises_nothing_leaves_no_move(mail):
    assert JUDGE.promises_something(mail) is None
    assert JUDGE.leaves_next_move_with_customer(mail) is None


def test_promise_counts_even_when_the_mail_also_asks():
    mail = "Could you send the photo? I'll check with the warehouse today."
    assert JUDGE.promises_something(mail).words == "I'll check with the warehouse today."
    assert JUDGE.leaves_next_move_with_customer(mail) is None
