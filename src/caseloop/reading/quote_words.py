"""With which words do mail programs introduce what they quote, in the languages they speak?"""

import re

# "wrote", as mail programs put it in the line above a quotation.
WROTE = (
    r"wrote|writes|schrieb(?:en)?|schreibt|hat\s+geschrieben|a\s+[ée]crit|escribi[óo]|escreveu|"
    r"ha\s+scritto|ha\s+escrit|"
    r"schreef|geschreven|sent|said|skrev|skreiv|kirjoitti|napisa[łl]\(?a?\)?|napsal\(?a?\)?|"
    r"nap[íi]sal\(?a?\)?|[íi]rta|a\s+scris|je\s+napisa[olaѕ]+|написав?(?:ла|л)?\(?а?\)?|пишет|пише|напиша|"
    r"έγραψε|"
    r"yazd[ıi]|[şs]unu\s+yazd[ıi]|[şs]unlar[ıi]\s+yazd[ıi]|đã\s+viết|viết|menulis|כתב(?:ה)?|كتب|"
    r"写道|寫道|写信|编写|さんは書きました|書きました|のメール|님이\s*작성|작성"
)

# How a line above a quotation begins, where it begins with the date.
_STARTS = (
    r"on|am|le|el|il|in\s+data|em|a|op|den|dne|dna|d[ňn]a|w\s+dniu|dnia|p[åa]|[åa]|data|на|от|в|vào|l[ěe]|"
    r"kl|στις|"
    r"quoting|at|from|op\s+datum|z[’']|à|da|la|בתאריך|ב|בתאריך|في|在|於|于"
)
_WEEKDAYS = (
    r"mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|mi[ée]|jeu|jue|ven|vie|sam|s[áa]b|dim|"
    r"dom|gio|"
    r"seg|ter|qua|qui|sex|ma|wo|vr|za|zo|m[åa]n|tis|tir|ons|tor|tors|fre|l[öø]r|s[öø]n|pon|wt|[śs]r|czw|pt|"
    r"sob|niedz|"
    r"пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|"
    r"pzt|sal|[çc]ar|per|cum|cmt|paz"
)

_FROM = (
    r"from|von|de|da|desde|van|fra|från|fr[åa]n|od|от|від|kimden|g[öo]nderen|l[äa]hett[äa]j[äa]|felad[óo]|"
    r"expéditeur|"
    r"absender|remitente|mittente|remetente|afzender|avs[äa]ndare|nadawca|odes[íi]latel|odosielate[ľl]|"
    r"t[ừu]|dari|"
    r"差出人|送信者|发件人|寄件者|寄件人|發件人|보낸\s*사람|מאת|من|de\s+la|από"
)
_SENT = (
    r"sent|date|gesendet|gesendet\s+am|datum|envoy[ée](?:\s+le)?|enviado(?:\s+el|\s+em|\s+a)?|"
    r"enviada(?:\s+em)?|"
    r"fecha|data|inviato|data\s+invio|verzonden|sendt|skickat|skickad|dato|wys[łl]ano|wys[łl]ane|"
    r"odesl[áa]no|odoslan[ée]|"
    r"отправлено|дата|надіслано|tarih|g[öo]nderme\s+tarihi|g[öo]nderildi|l[äa]hetetty|"
    r"p[äa]iv[äa]m[äa][äa]r[äa]|"
    r"elk[üu]ldve|d[áa]tum|送信日時|日時|日付|日期|发送时间|发送日期|傳送時間|寄件日期|時間|时间|보낸\s*날짜|날짜|trimis|"
    r"tgl|ngày|נשלח|תאריך"
)
_TO = (
    r"to|an|[àa]|para|a|aan|naar|til|till|do|komu|кому|до|alıcı|kime|vastaanottaja|c[íi]mzett|destinataire|"
    r"empf[äa]nger|"
    r"destinatario|destinat[áa]rio|ontvanger|宛先|收件人|收件者|받는\s*사람|đến|kepada|către|אל|cc|kopie|copie|kopia|"
    r"kopi|"
    r"c\.?c\.?|копия|bilgi|dw|bcc|抄送|副本|참조|reply-to|antwort\s+an|r[ée]pondre\s+[àa]"
)
_SUBJECT = (
    r"subject|betreff|objet|asunto|oggetto|assunto|onderwerp|emne|[äa]mne|temat|p[řr]edm[ěe]t|predmet|тема|"
    r"konu|aihe|"
    r"t[áa]rgy|subiect|件名|标题|主题|主旨|主題|제목|chủ\s+đề|perihal|subjek|נושא|θέμα|importance|priority|wichtigkeit"
)


def _label(words: str) -> re.Pattern[str]:
    return re.compile(rf"^[\s>|*_\ufeff]{{0,12}}(?:{words})\s?[*_]{{0,2}}\s{{0,2}}[:：]", re.IGNORECASE)


FROM_LABEL, SENT_LABEL, TO_LABEL, SUBJECT_LABEL = map(_label, (_FROM, _SENT, _TO, _SUBJECT))
ONE_LINE_BLOCK = re.compile(
    rf"^[\s*]*(?:{_FROM})\s?\*{{0,2}}[:：].{{3,200}}?\s\*{{0,2}}(?:{_SENT})\s?\*{{0,2}}[:：].{{3,200}}?\s\*{{0,2}}"
    rf"(?:{_TO}|{_SUBJECT})\s?\*{{0,2}}[:：]",
    re.IGNORECASE,
)

_ORIGINAL = (
    r"original(?:\s+(?:message|mail|e-?mail|appointment))?|reply\s+message|message\s+d[’']origine|"
    r"message\s+(?:original|initial|d.origine)|urspr[üu]ngliche\s+(?:nachricht|e-?mail)|originalnachricht|"
    r"(?:mensaje|mensagem|email|correo|messaggio)\s+origina(?:l|le)|mensaje\s+original|"
    r"oorspronkelijk\s+bericht|"
    r"origineel\s+bericht|original(?:meddelande|melding|meddelelse)|oprindelig\s+meddelelse|"
    r"opprinnelig\s+melding|"
    r"ursprungligt\s+meddelande|alkuper[äa]inen\s+viesti|(?:oryginalna\s+)?wiadomo[śs][ćc](?:\s+oryginalna)?|"
    r"p[ůu]vodn[íi]\s+(?:zpr[áa]va|e-?mail)|p[ôo]vodn[áa]\s+spr[áa]va|eredeti\s+[üu]zenet|mesaj\s+original|"
    r"исходное\s+сообщение|пересылаемое\s+сообщение|конец\s+сообщения|оригінальне\s+повідомлення|"
    r"orijinal\s+mesaj|"
    r"[öo]zg[üu]n\s+ileti|thư\s+gốc|pesan\s+asli|原始邮件|原始郵件|邮件原件|元のメッセージ|original\s+message|원본\s*메시지|"
    r"ursprüngliche\s+mail|eredeti\s+level"
)
_FORWARDED = (
    r"forwarded\s+message|forwarded\s+by.{0,80}|weitergeleitete\s+nachricht|message\s+transf[ée]r[ée]|"
    r"mensaje\s+reenviado|mensagem\s+encaminhada|messaggio\s+inoltrato|doorgestuurd\s+bericht|"
    r"vidarebefordrat\s+(?:meddelande|brev)|videresendt\s+(?:meddelelse|melding)|"
    r"przekazana\s+wiadomo[śs][ćc]|"
    r"wiadomo[śs][ćc]\s+przekazana|iletilen\s+(?:mesaj|ileti)|пересылаемое\s+сообщение|转发的?邮件|轉寄的?郵件|"
    r"轉寄郵件|転送(?:された)?メッセージ|forwarded\s+mail|přeposlaná\s+zpráva|v[äa]litetty\s+viesti"
)
ORIGINAL_RULE = re.compile(rf"^[\s>|*]*[-_=*~—]{{2,}}+\s*+(?:{_ORIGINAL})\s*:?\s*[-_=*~—]{{2,}}\s*:?$", re.IGNORECASE)
FORWARD_RULE = re.compile(rf"^[\s>|*]*[-_=*~—]{{2,}}+\s*+(?:{_FORWARDED})\s*:?\s*[-_=*~—]{{2,}}\s*:?$", re.IGNORECASE)
FORWARD_LINE = re.compile(
    r"^\s*(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)|d[ée]but du message "
    r"(?:transf[ée]r[ée]|r[ée]exp[ée]di[ée])|inicio del mensaje reenviado|in[íi]cio da mensagem "
    r"(?:encaminhada|reencaminhada)|inizio messaggio inoltrato|begin doorgestuurd bericht|"
    r"vidarebefordrat brev|pocz[ąa]tek przekazywanej wiadomo[śs]ci|"
    r"[iİ]letilen mesaj[ıi]n ba[şs]lang[ıi]c[ıi]|"
    r"転送されたメッセージ|下面是被转发的邮件|开始转发的邮件|начало переадресованного сообщения)\s*[:：]?\s*$",
    re.IGNORECASE,
)
REPLY_ABOVE = re.compile(
    r"(?i)^[\W_]*(?:please\s+)?(?:type|write|add|enter)?\s*(?:your\s+)?(?:reply|respond|antwort(?:en)?|"
    r"responda|r[ée]pond\w*)"
    r".{0,40}\b(?:above|oberhalb|über|au-dessus|arriba|acima|sopra)\b.{0,40}\bline\b.{0,10}$"
    r"|^[\W_]*(?:reply|write|type)\s+above\s+this\s+line[\W_]*.{0,20}$"
)

DATE = re.compile(
    r"\d{1,4}\s?[./\-年]\s?\d{1,2}\s?[./\-月]\s?\d{1,4}|\d{1,2}:\d{2}|\d{1,2}[.h]\d{2}\b|\b(?:19|20)\d{2}\b|"
    r"\d{1,2}\.?\s+[^\W\d]{3,12}\.?,?\s+\d{2,4}"
)
ADDRESS = re.compile(r"[\w.+\-=']{1,80}@[\w.\-]{2,120}")
WROTE_WORD = re.compile(rf"(?:(?<![^\W_])(?:{WROTE})(?![^\W\d_])|写道|寫道|のメール|さんは|작성)", re.IGNORECASE)
STARTS_WITH_DATE = re.compile(
    rf"^(?:(?:{_STARTS})[\s,:]+.{{0,40}}?\d|(?:{_WEEKDAYS})\w{{0,9}}[.,]+\s.{{0,30}}?\d|"
    rf"\d{{1,4}}\s?[./\-年]\s?\d|"
    rf"\d{{1,2}}\.?\s+[^\W\d]{{3,12}}\.?\s+\d{{4}}|\w+,\s+\d{{1,2}}\s+\w+\s+\d{{4}}|[在于於]?\s?\d{{4}}年)",
    re.IGNORECASE,
)
