"""Is what the sender wrote just now cut from what they quote, in the way their program quotes it?"""

import pytest

from caseloop.reading.new_text import new_text_of
from caseloop.reading.read import read_mail
from tests.reading.mails import mail

INTRODUCTIONS = {
    "gmail en": "On Tue, 3 Mar 2026 at 10:00, Contoso Support <help@contoso.example> wrote:\n> Is it fixed?",
    "gmail en folded": "On Tue, Mar 3, 2026 at 10:00 AM Contoso Support With A Long Name\n<help@contoso.example> wrote:\n\n> Is it fixed?",
    "gmail de": "Am Di., 3. März 2026 um 10:00 Uhr schrieb Contoso <help@contoso.example>:\n> Geht es?",
    "gmail fr": "Le mar. 3 mars 2026 à 10:00, Contoso <help@contoso.example> a écrit :\n> Alors ?",
    "gmail es": "El mar, 3 mar 2026 a las 10:00, Contoso (<help@contoso.example>) escribió:\n> ¿Funciona?",
    "gmail pt": "Em ter., 3 de mar. de 2026 às 10:00, Contoso <help@contoso.example> escreveu:\n> Funciona?",
    "gmail it": "Il giorno mar 3 mar 2026 alle ore 10:00 Contoso <help@contoso.example> ha scritto:\n> Va?",
    "gmail nl": "Op di 3 mrt 2026 om 10:00 schreef Contoso <help@contoso.example>:\n> Werkt het?",
    "apple nl": "Op 3 mrt. 2026, om 10:00 heeft Contoso <help@contoso.example> het volgende geschreven:\n> Werkt het?",
    "gmail pl": "wt., 3 mar 2026 o 10:00 Contoso <help@contoso.example> napisał(a):\n> Działa?",
    "gmail tr": "Contoso <help@contoso.example>, 3 Mar 2026 Sal, 10:00 tarihinde şunu yazdı:\n> Oldu mu?",
    "gmail sv": "Den tis 3 mars 2026 kl 10:00 skrev Contoso <help@contoso.example>:\n> Fungerar det?",
    "gmail ja": "2026年3月3日(火) 10:00 Contoso <help@contoso.example>:\n> 直りましたか",
    "gmail zh": "Contoso <help@contoso.example> 于2026年3月3日周二 10:00写道：\n> 好了吗",
    "gmail da": "Den tirs. 3. mar. 2026 kl. 10.00 skrev Contoso <help@contoso.example>:\n> Virker det?",
    "gmail ru": "вт, 3 мар. 2026 г. в 10:00, Contoso <help@contoso.example>:\n> Работает?",
    "thunderbird": "On 03/03/2026 10:00, Contoso Support wrote:\n> Is it fixed?",
    "thunderbird de": "Am 03.03.26 um 10:00 schrieb Contoso Support:\n> Geht es?",
    "apple mail": "> On 3 Mar 2026, at 10:00, Contoso <help@contoso.example> wrote:\n> \n> Is it fixed?",
    "yandex": '03.03.2026, 10:00, "Contoso" <help@contoso.example>:\n> Is it fixed?',
    "outlook en": "From: Contoso Support <help@contoso.example>\nSent: Tuesday, March 3, 2026 10:00 AM\nTo: Ana\nSubject: Your case\n\nIs it fixed?",
    "outlook de": "Von: Contoso Support <help@contoso.example>\nGesendet: Dienstag, 3. März 2026 10:00\nAn: Ana\nBetreff: Ihr Fall\n\nGeht es?",
    "outlook fr": "De : Contoso <help@contoso.example>\nEnvoyé : mardi 3 mars 2026 10:00\nÀ : Ana\nObjet : Votre dossier\n\nAlors ?",
    "outlook es": "De: Contoso <help@contoso.example>\nEnviado el: martes, 3 de marzo de 2026 10:00\nPara: Ana\nAsunto: Su caso\n\n¿Funciona?",
    "outlook pt": "De: Contoso\nEnviada em: terça-feira, 3 de março de 2026 10:00\nPara: Ana\nAssunto: Chamado\n\nFunciona?",
    "outlook it": "Da: Contoso\nInviato: martedì 3 marzo 2026 10:00\nA: Ana\nOggetto: Caso\n\nVa?",
    "outlook nl": "Van: Contoso\nVerzonden: dinsdag 3 maart 2026 10:00\nAan: Ana\nOnderwerp: Zaak\n\nWerkt het?",
    "outlook pl": "Od: Contoso\nWysłano: wtorek, 3 marca 2026 10:00\nDo: Ana\nTemat: Sprawa\n\nDziała?",
    "outlook sv": "Från: Contoso\nSkickat: den 3 mars 2026 10:00\nTill: Ana\nÄmne: Ärende\n\nFungerar det?",
    "outlook tr": "Kimden: Contoso\nGönderildi: 3 Mart 2026 Salı 10:00\nKime: Ana\nKonu: Talep\n\nOldu mu?",
    "outlook ja": "差出人: Contoso\n送信日時: 2026年3月3日 10:00\n宛先: Ana\n件名: お問い合わせ\n\n直りましたか",
    "outlook zh": "发件人: Contoso\n发送时间: 2026年3月3日 10:00\n收件人: Ana\n主题: 工单\n\n好了吗",
    "outlook bold": "*From:* Contoso <help@contoso.example>\n*Sent:* Tuesday, March 3, 2026 10:00 AM\n*To:* Ana\n*Subject:* Your case\n\nIs it fixed?",
    "outlook web": "________________________________\nFrom: Contoso <help@contoso.example>\nSent: Tuesday, March 3, 2026 10:00 AM\nTo: Ana <ana@customer.example>\nSubject: Your case\n\nIs it fixed?",
    "original message": "-----Original Message-----\nFrom: Contoso\nSent: 3 March 2026\nTo: Ana\nSubject: Your case\n\nIs it fixed?",
    "original message de": "-----Ursprüngliche Nachricht-----\nVon: Contoso\nGesendet: 3. März 2026\n\nGeht es?",
    "qq": "------------------ 原始邮件 ------------------\n发件人: Contoso\n\n好了吗",
    "zoho": "---- On Tue, 03 Mar 2026 10:00:00 +0100 Contoso <help@contoso.example> wrote ----\n\nIs it fixed?",
    "android": "---- Contoso wrote ----\n\n> Is it fixed?",
    "bare marks": "> Is it fixed?\n> Regards\n> Contoso",
}


@pytest.mark.parametrize("quotation", INTRODUCTIONS.values(), ids=INTRODUCTIONS.keys())
def test_only_the_answer_above_a_quotation_is_new(quotation: str) -> None:
    new = new_text_of(f"It still leaks.\n\nAna\n\n{quotation}\n")

    assert new.text == "It still leaks.\n\nAna"
    assert not new.is_doubtful


KEPT = {
    "starts with on": "On your advice I changed the seal:\n\n- still leaks\n- still loud",
    "one is not on": "One question I had:\n\nOnly on Mondays it leaks.",
    "wrote in a sentence": "Last week I wrote to you about the leak: nobody answered.",
    "link": "See https://example.com/who-wrote-this:1 for the log.",
    "appointment": "Come for the repair:\n\nDate: Wednesday 3 March 2026\nTime: 7:00\nAddress: 130 Fox St\n\nBring a seal.",
    "bullets": "I tried\n-- the seal\n-- the pump\n-- both",
    "table of values": "Model: CM-7\nSerial: 4711\nDate: 2026-03-03",
    "rule in the text": "First part\n-----------\nSecond part is here and goes on for a while.",
    "sent from as content": "Sent from the workshop yesterday, the machine is still not here, so what now?",
    "advert marks": "Look at the label\n>>> CM-7 rev. 2 <<<\non the back.",
    "regards inside": "My regards to the technician, who was kind. It still leaks.",
    "code": "    if a > b:\n        leak()\n\nThis is line 3.",
    "from a person": "From: the top it leaks.\nTo: the bottom it runs.",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_what_only_looks_like_a_quotation_is_kept(text: str) -> None:
    assert new_text_of(text).text == text


SIGNATURES = {
    "delimiter": "-- \nAna Ruiz\nAcme\n+34 600 000 000",
    "delimiter without blank": "--\nAna",
    "iphone": "Sent from my iPhone",
    "iphone de": "Von meinem iPhone gesendet",
    "outlook fr": "Envoyé à partir de Outlook pour iOS",
    "outlook en": "Get Outlook for Android",
    "outlook es": "Enviado desde mi iPad",
    "samsung it": "Inviato dal mio telefono",
    "sv": "Skickat från min iPhone",
    "ja": "iPhoneから送信",
    "zh": "发自我的iPhone",
    "list footer": "_______________________________________________\nusers mailing list\nusers@lists.example",
    "card": "----------------\nAna Ruiz\nt. +34 600 000 000\nhttps://acme.example",
    "disclaimer": "This e-mail and any attachments are confidential and intended only for the addressee.",
}


@pytest.mark.parametrize("signature", SIGNATURES.values(), ids=SIGNATURES.keys())
def test_a_signature_is_cut(signature: str) -> None:
    assert new_text_of(f"It still leaks.\n\n{signature}\n").text == "It still leaks."


def test_answers_below_and_between_quoted_lines_are_kept() -> None:
    text = "On 3 March 2026 at 10:00, Contoso wrote:\n> Does it leak?\n\nYes.\n\n> Is it loud?\n\nNo.\n"

    assert new_text_of(text).text == "Yes.\n\nNo."


def test_text_below_an_unmarked_quotation_is_not_lost() -> None:
    text = "From: Contoso <help@contoso.example>\nSent: Tuesday, March 3, 2026 10:00 AM\nTo: Ana\nSubject: x\n\nDoes it leak?\n\nYES"

    new = new_text_of(text)

    assert "YES" in new.text
    assert new.is_doubtful


def test_an_empty_answer_above_a_marked_quotation_stays_empty() -> None:
    new = new_text_of("\n\nOn Tue, 3 Mar 2026 at 10:00, Contoso <help@contoso.example> wrote:\n> May we close it?\n")

    assert new.text == ""
    assert new.is_doubtful


def test_a_forward_without_a_word_says_that_it_is_one() -> None:
    new = new_text_of(
        "---------- Forwarded message ---------\nFrom: Jo <jo@x.example>\nDate: Tue, 3 Mar 2026\nSubject: x\nTo: Ana\n\nIt works!"
    )

    assert new.text == "It works!"
    assert new.is_forward
    assert new.is_doubtful


def test_a_link_broken_over_quoted_lines_is_still_quoted() -> None:
    text = "Fine.\n\nOn 3 March 2026 at 10:00, bob wrote:\n\n> View it (https://example.com/action\n_nonce=3dd518)\n>\n"

    assert new_text_of(text).text == "Fine."


@pytest.mark.parametrize(
    "html",
    [
        '<div dir="ltr">It still leaks.</div><br><div class="gmail_quote"><div class="gmail_attr">On Tue, 3 Mar 2026 at 10:00, Contoso &lt;<a href="mailto:help@contoso.example">help@contoso.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote">Is it fixed?</blockquote></div>',
        '<p>It still leaks.</p><hr><div id="divRplyFwdMsg"><b>From:</b> Contoso &lt;help@contoso.example&gt;<br><b>Sent:</b> Tuesday, March 3, 2026 10:00 AM<br><b>To:</b> Ana<br><b>Subject:</b> Your case</div><div>Is it fixed?</div>',
        '<p class="MsoNormal">It still leaks.<o:p></o:p></p><div style="border-top:solid #B5C4DF 1.0pt"><p><b>From:</b> Contoso [mailto:help@contoso.example] <br><b>Sent:</b> Tuesday, March 03, 2026 10:00 AM<br><b>To:</b> Ana<br><b>Subject:</b> Your case</p></div><p>Is it fixed?</p>',
        'It still leaks.<div class="moz-cite-prefix">On 03/03/2026 10:00, Contoso wrote:<br></div><blockquote type="cite">Is it fixed?</blockquote>',
        "<table><tr><td>It still leaks.</td></tr></table><blockquote>Is it fixed?</blockquote>",
        "<style>p{color:red}</style><script>alert(1)</script><p>It still leaks.</p>",
    ],
    ids=["gmail", "outlook web", "outlook", "thunderbird", "table", "style"],
)
def test_an_html_answer_is_cut_like_a_plain_one(html: str) -> None:
    assert read_mail(mail(html, content_type="text/html; charset=utf-8")).new_text == "It still leaks."
