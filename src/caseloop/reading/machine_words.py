"""By which words does a text show that a machine sent it, in the languages customers write?"""

# ruff: noqa: E501 -- a wide letter counts as two

import re


def any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


_AUTO = (
    r"auto(?:matic|mated|mat|matical)?[ -]?(?:reply|response|responder|respond|answer)|auto ?re|autoresponse|"
    r"out[- ]of[- ](?:the[- ])?office(?: (?:auto-?reply|reply|response|notification|notice|message|assistant))*|ooto|"
    r"automatische (?:antwort|abwesenheits\w+|r[üu]ckantwort|eingangsbest\w+)|automatisch antwoord|automatisk[t]? (?:svar|besked)|autosvar|"
    r"(?:abwesenheits|urlaubs)(?:notiz|nachricht|mitteilung|benachrichtigung|meldung|assistent|hinweis|info)|"
    r"r[ée]ponse automatique(?: d[’']absence)?|(?:message|notification|avis) d[’']absence|absence du bureau|absent\(?e?\)? du bureau|"
    r"respuesta autom[áa]tica|fuera de (?:la )?oficina|resposta autom[áa]tica|fora do escrit[óo]rio|risposta automatica|"
    r"fuori (?:sede|ufficio)|buiten kantoor|afwezigheidsbericht|fr[åa]nvaromeddelande|frav[æa]rs(?:besked|melding)|automaattinen (?:vastaus|poissaolo\w*)|"
    r"automatyczna odpowied[źz]|odpowied[źz] automatyczna|autoodpowied[źz]|poza biurem|automatick[áa] odpov[ěe][ďd]|"
    r"otomatik (?:yan[ıi]t|cevap)|ofis d[ıi][şs][ıi]|автоответ(?:чик)?|автоматический ответ|автоматична відповідь|вне офиса|"
    r"automatikus v[áa]lasz|r[ăa]spuns automat|自动(?:回复|答复|應答)|自動(?:返信|応答|回覆|回复)(?:メール)?|不在(?:通知|のお知らせ|連絡)|"
    r"휴가 ?부재중|부재중(?: 자동 ?회신)?|자동 ?(?:회신|응답)"
)
_AWAY = (
    r"out of town|(?:on )?(?:vacation|holidays?|leave|pto|annual leave)|ooo|away|away from my (?:e-?)?mail|abwesen(?:d|heit)|"
    r"(?:im )?urlaub|absence|absente?|(?:en )?(?:cong[ée]s|vacances)|(?:de )?vacaciones|ausen(?:te|cia|t)|(?:in )?ferie|assen(?:te|za)|"
    r"(?:met )?vakantie|afwezig(?:heid)?|niet aanwezig|(?:p[åa] )?semester|fr[åa]nvarande|poissa|urlop|nieobecno[śs][ćc]|tatil|izin|休暇|休假|外出|отпуск"
)
# What mail systems put in front of a subject: it stands alone or before a colon, else it is what a person writes about.
_EDGE = r"(?=\s*(?:[:：\])】）;,–—]|$|\((?:was|war|[ée]tait)|-\s|\bfrom\b|\bre\b|\bfrån\b|\bvon\b))"
AUTOMATIC_SUBJECT = any_of(
    rf"^\W*(?:\[[^\]]{{1,40}}\]\s*|AUTO:\s*)?(?:{_AUTO}){_EDGE}",
    r"^\W*(?:\[[^\]]{1,40}\]\s*)?(?:auto:\s*)?[^:]{2,60} is (?:currently )?(?:out of (?:the )?office|away|on (?:vacation|leave|holiday))\b(?=\s*(?:[.!;,:(\]]|$|until|from|starting|and will))",
    r"[(\[](?:out of (?:the )?office|auto(?:matic)?[ -]?reply|vacation (?:message|reply|response)|abwesend|away|absent)[)\]]\s*$",
)
AWAY_SUBJECT = any_of(
    rf"^\W*(?:\[[^\]]{{1,40}}\]\s*)?(?:{_AWAY}){_EDGE}",
    r"^\W*auto\s*:|^\W*(?:i am|i[’']m|we are|ich bin|je suis|estoy|estou|sono|ik ben)\b.{0,40}\b(?:away|out of|vacation|holiday|leave|urlaub|b[üu]ro|abwesend|cong[ée]s|absente?|vacaciones|f[ée]rias|ferie|vakantie|afwezig)\b",
    r"^\s*(?:antwort|re|aw|sv)\s*:\s*(?:abwesend|abwesenheit|absent|away|out of (?:the )?office)\s*$",
)
ACKNOWLEDGING_SUBJECT = any_of(
    r"(?:confirmation|acknowledge?ment) (?:of|for)? ?(?:receipt|your)|(?:request|ticket|case|message|"
    r"inquiry|enquiry) (?:received|created|opened|logged|registered)|"
    r"(?:we(?:'ve| have)?|your) (?:received|got) your|thank you for (?:contacting|your (?:message|e-?mail|"
    r"inquiry|enquiry|request))|eingangsbest[äa]tigung|"
    r"empfangsbest[äa]tigung|accus[ée] de r[ée]ception|acuse de recibo|confirma[çc][ãa]o de recebimento|"
    r"conferma di ricezione|ontvangstbevestiging|"
    r"potwierdzenie (?:otrzymania|przyj[ęe]cia)|mottagningsbekr[äa]ftelse|お問い?合わ?せ(?:を|の)?(?:受|あり)|受付(?:完了|"
    r"のお知らせ|確認)|受理(?:通知|确认)"
)

# A text that says of itself that no person wrote it.
AUTOMATED = any_of(
    r"\b(?:auto(?:matically|matic|mated)?[- ]?(?:generated|sent|created|reply|response|message|e-?mail|"
    r"notification|acknowledge?ment|confirmation|responder|notice))\b",
    r"(?:generated|sent|created|issued|produced) (?:automatically|by (?:an? )?(?:automat|system|computer|"
    r"robot|bot|script))|\bi am a (?:ro)?bot\b|computer[- ]generated",
    r"automatisch (?:generiert|erstellt|erzeugt|versendet|versandt|verschickt|verzonden|gegenereerd|"
    r"aangemaakt)|automatische (?:antwort|nachricht|e-?mail|mail|best[äa]tigung|eingangs)|"
    r"(?:g[ée]n[ée]r[ée]|envoy[ée]|[ée]mis)e? automatiquement|(?:message|r[ée]ponse|courriel|e-?mail|"
    r"mail) automatique",
    r"(?:generado|enviado|emitido)s? (?:de forma |de manera )?autom[áa]tic|autom[áa]ticamente|(?:mensaje|"
    r"respuesta|correo|mensagem|resposta|e-?mail) autom[áa]tic",
    r"(?:generat|inviat)[oa] automaticamente|(?:messaggio|risposta|e-?mail|mail) automatic|in automatico",
    r"wiadomo[śs][ćc] (?:zosta[łl]a )?(?:wygenerowana |wys[łl]ana )?automatyczn|automatyczn\w+ (?:wiadomo|"
    r"odpowied|potwierdz)|wygenerowan\w* automatycznie|automatycznie wygenerowan",
    r"otomatik (?:olarak|yan[ıi]t|cevap|mesaj)|automatiskt? (?:svar|meddelande|genererat|skickat|besked|"
    r"mail|utskick)|autogenerer|automatisk (?:generert|genereret|besked|svar)",
    r"自動(?:送信|返信|配信|応答|的に送信|生成)|自动(?:回复|发送|发出|生成|答复)|系统(?:自动|发送|邮件)|自動(?:發送|回覆|發出)|автоматически|автоответ|"
    r"자동\s*(?:발송|회신|응답|으로)",
)
# The same, said of this very message: enough by itself.
SAYS_SO_OF_ITSELF = any_of(
    r"\bthis is an? (?:fully |completely |semi-?)?(?:auto(?:mat(?:ed|ic|ically))?|"
    r"computer)(?:[- ]generated)?[- ](?:\w+ ){0,2}(?:message|e-?mail|mail|reply|response|notification|"
    r"notice|acknowledge?ment|confirmation|answer|report)",
    r"\bthis (?:e-?mail|message|mail|notification|reply|response)(?: \w+){0,4} (?:automatically|auto|"
    r"computer|machine)[- ](?:generated|sent|created|produced)|\bthis (?:e-?mail|message|mail|"
    r"reply)(?: \w+){0,3} (?:generated|sent|created) (?:automatically|by (?:an? )?(?:automat|robot|bot|"
    r"script|system))",
    r"\bi am an? (?:ro)?bot\b|\bthis is (?:the |an? )?(?:[\w-]+ ){0,3}(?:\w+-)?bot\b|"
    r"\bsemi-automatic e?-?mail|\btriggered this (?:automat\w+ )?(?:response|reply)|this is the (?:ezmlm|"
    r"mailman|majordomo|listserv|sympa)\b|(?:awaits|is being held until the list) moderator|"
    r"diese (?:e-?mail|nachricht|mail|antwort) (?:wurde|ist|wird)[^.]{0,40}automatisch|"
    r"dies ist eine automatisch|automatisch (?:generierte|erstellte|erzeugte|versandte) (?:e-?mail|"
    r"nachricht|mail|antwort|eingangs)|"
    r"\bce(?:t|ci)? (?:message|e-?mail|mail|courriel|est une?)[^.]{0,50}automati|(?:este|esta) (?:mensaje|"
    r"correo|e-?mail|mensagem|[ée] uma)[^.]{0,50}autom[áa]t|quest[oa] (?:messaggio|e-?mail|mail|"
    r"[èe] un[ao]?)[^.]{0,50}automat|\bdi(?:t|eze) (?:bericht|e-?mail|mail|is een)[^.]{0,50}automati|"
    r"deze (?:e-?mail|mail)[^.]{0,50}automati|"
    r"(?:ta|niniejsza|to) (?:wiadomo[śs][ćc]|jest|e-?mail)[^.]{0,40}automatycz|bu (?:mesaj|e-?posta|ileti|"
    r"mail|otomatik)[^.]{0,40}(?:otomatik|yan[ıi]t)|det(?:ta|te) (?:mail|mejl|meddelande|[äa]r ett|"
    r"er en)[^.]{0,40}automat|(?:本|この|当)メールは?.{0,30}自動|(?:此|本)(?:邮件|郵件|信件?).{0,12}(?:自动|自動)|系统自动(?:回复|发送)|"
    r"это (?:письмо|сообщение)[^.]{0,40}автоматически|это автоматическ",
)
DO_NOT_REPLY = any_of(
    r"(?:do not|don'?t|please don'?t|not) (?:reply|respond|answer)\b.{0,30}(?:this|message|e-?mail|"
    r"directly|address)|replies (?:to this|are not|will not)|(?:is|are) not (?:monitored|read|attended|"
    r"checked)|unmonitored|"
    r"no[- ]?reply (?:address|mailbox|e-?mail)|(?:bitte )?antworten sie (?:bitte )?nicht|"
    r"nicht auf diese (?:e-?mail|nachricht|mail) (?:zu )?antworte|ne (?:pas |"
    r"r[ée]pond\w+ pas)[^.]{0,30}(?:r[ée]pondre|[àa] ce)|"
    r"no (?:responda|conteste|responder)|n[ãa]o (?:responda|responder)|non (?:rispond|si prega di rispond)|"
    r"(?:niet (?:te )?(?:be)?antwoord|beantwoord\w* .{0,20}niet)|"
    r"(?:prosimy |prosz[ęe] )?(?:o )?nie odpowiada|(?:l[üu]tfen )?(?:bu )?.{0,30}(?:yan[ıi]tlamay|"
    r"cevaplamay|yan[ıi]t vermey|cevap vermey)|(?:svara|besvara) (?:inte|ej)|(?:inte|ej) (?:att )?(?:svara|"
    r"besvara)s?|"
    r"(?:ご)?返信(?:いただ|され|し).{0,14}(?:でき|お答え|対応|な(?:い|さら))|返信(?:は|を).{0,10}(?:不要|ご遠慮|お控え)|(?:请|請)?(?:勿|"
    r"不要)(?:直接)?(?:回复|回覆|答复)|не (?:надо |нужно )?отвеча",
)
RECEIVED = any_of(
    r"in response to (?:the creation of|your (?:request|message|e-?mail|inquiry))",
    r"(?:we|i) (?:have |hereby |'ve |’ve )?(?:safely |successfully |now )?(?:received|got|acknowledge|"
    r"confirm (?:the )?receipt)|(?:has|have) been (?:successfully |safely |duly )?(?:received|registered|"
    r"logged|opened|created|assigned|forwarded|submitted|recorded|entered)|"
    r"(?:is|was) (?:received|registered|logged)|(?:acknowledge?ment|confirmation|confirm\w*) (?:of|"
    r"that).{0,40}(?:receipt|received)|(?:created|opened|logged|registered|raised) (?:an? |the |"
    r"your )?(?:new )?(?:ticket|case|request|incident)|"
    r"(?:nachricht|anfrage|e-?mail|mail|anliegen|schreiben|ticket).{0,50}(?:erhalten|eingegangen|empfangen|"
    r"entgegengenommen|registriert|er[öo]ffnet)|haben (?:wir )?.{0,40}erhalten|eingang (?:ihrer|deiner)|"
    r"(?:avons|ai|a) bien (?:re[çc]u|[ée]t[ée] (?:re[çc]u|enregistr|pris))|(?:demande|message|courriel|"
    r"mail).{0,40}(?:a (?:bien )?[ée]t[ée]|est) (?:bien )?(?:re[çc]u|enregistr|pris)|"
    r"accus\w+ (?:bonne )?r[ée]ception|"
    r"(?:hemos|he) recibido|(?:ha|han) sido (?:recibid|registrad|radicad)|acus\w+ (?:de )?recib|"
    r"recebemos (?:a |o )?(?:su|seu|sua)|(?:foi|foram) (?:recebid|registad|registrad|abert|encaminhad)|"
    r"(?:abbiamo|ho) ricevuto|(?:[èe]|[èe] stat[oa]|sono stat[ei]) (?:corrett\w+ )?(?:ricevut|registrat|"
    r"presa in carico|pres[ao])|(?:hebben|heb|is|werd) .{0,50}(?:ontvangen|geregistreerd|in behandeling)|"
    r"(?:zosta[łl][ao]?|zosta[łl]y) (?:zarejestrowan|przyj[ęe]t|przekazan|otrzyman)|otrzymali[śs]my|"
    r"potwierdzamy (?:otrzymanie|przyj)|(?:har|vi har) (?:mottagit|tagit emot|modtaget|mottatt)|(?:har|"
    r"[äa]r) (?:registrerats|registrerad|mottage)|"
    r"(?:talebiniz|mesaj[ıi]n[ıi]z|iletiniz|e-?postan[ıi]z|ba[şs]vurunuz).{0,50}(?:al[ıi]nm[ıi][şs]|"
    r"kaydedil|ula[şs]m[ıi][şs]|alınd[ıi]|taraf[ıi]m[ıi]za)|(?:受け?付け?|承り|受領|受信|拝受)(?:いた|し|完了|まし|ました)|"
    r"お問い?合わ?せ.{0,20}ありがとう|"
    r"(?:已|我们已)(?:经)?(?:收到|受理|登记)|(?:邮件|来信|反馈|工单).{0,10}(?:已|收到)|(?:已收到|收到您的)|(?:получ(?:ено|или)|"
    r"зарегистрирован|принят[оа]?)\b",
)
HANDLING = any_of(
    r"(?:ticket|case|reference|request|incident|tracking|inquiry|enquiry|confirmation) ?(?:number|no\.?|id|"
    r"nr\.?|#|ref)|\b(?:ticket|case|request|incident) ?(?:#|\(|\[)|\bref(?:erence)?[:.#]|(?:ticket|"
    r"vorgangs|anfrage|fall|bearbeitungs|referenz)-?(?:nummer|nr|id)|"
    r"num[ée]ro (?:de )?(?:ticket|dossier|demande|suivi)|n[úu]mero (?:de )?(?:ticket|caso|radicado|"
    r"solicitud|protocolo|chamado|pedido)|bajo el n[úu]mero|con el n[úu]mero|numero (?:di )?(?:ticket|"
    r"pratica|richiesta)|(?:zaak|ticket|dossier|referentie)nummer|(?:pod )?numer(?:em)?|[äa]rendenummer|"
    r"(?:受付|受付け|問い?合わ?せ|チケット|管理)(?:番号|No|ID)|(?:工单|受理|案件|单)(?:号|编号)|talep (?:no|numara)|kay[ıi]t (?:no|"
    r"numara)",
    r"(?:get back to|respond to|reply to|contact|answer|be in touch with|attend to) (?:you|your \w+|"
    r"all \w+|it) (?:as soon as|shortly|within|soon|in the order|at the earliest|with(?:in)? \d)|"
    r"within \d+ (?:business|working|hours|days)|(?:as soon as possible|shortly|in due course|"
    r"at the earliest)|will be (?:handled|processed|answered|attended|reviewed|dealt)|being reviewed|"
    r"in the order (?:received|in which)|"
    r"(?:schnellstm[öo]glich|baldm[öo]glichst|so (?:bald|schnell) wie m[öo]glich|umgehend|in k[üu]rze|"
    r"innerhalb von|zeitnah)|(?:dans les (?:meilleurs|plus brefs) d[ée]lais|sous \d+ |d[èe]s que possible|"
    r"prochainement)|(?:a la (?:mayor )?brevedad|lo antes posible|en un plazo|pr[óo]ximamente)|"
    r"(?:o mais (?:breve|r[áa]pido)|assim que poss[íi]vel|em breve|no prazo)|"
    r"(?:al pi[ùu] presto|quanto prima|nel pi[ùu] breve|entro \d|il prima possibile)|(?:zo (?:snel|"
    r"spoedig) mogelijk|binnen \d|spoedig)|(?:jak najszybciej|w ci[ąa]gu|niezw[łl]ocznie|wkr[óo]tce)|"
    r"(?:en k[ıi]sa (?:s[üu]re|zaman)|k[ıi]sa s[üu]re|i[şs] g[üu]n[üu])|(?:s[åa] snart|inom (?:kort|\d))|"
    r"(?:営業日|順次|改めて|後日|担当者より|担当より|なるべく早く)|(?:尽快|工作日|稍后|及时|儘快)|в ближайшее время|в течение",
    r"(?:office|business|opening|working|service|support) hours|(?:gesch[äa]fts|[öo]ffnungs|b[üu]ro|"
    r"service)zeiten|heures (?:d[’']ouverture|de bureau)|horario (?:de atenci[óo]n|laboral)|"
    r"hor[áa]rio de (?:atendimento|funcionamento)|orari(?:o)? (?:di|d[’'])|openingstijden|godziny (?:pracy|"
    r"otwarcia)|[öo]ppettider|営業時間|受付時間|(?:工作|办公|营业)时间|mesai saat",
    r"important to us|privacy|data protection|datenschutz|protection des donn|protecci[óo]n de datos|"
    r"dataskydd|open records|[öo]ffentliche?r? |allm[äa]n handling|for (?:more|further) information|faq|"
    r"visit our|help cent(?:er|re)|keep the (?:reference|subject)|add(?:itional)? comments",
)
PLEASE_TYPE_ABOVE = any_of(
    r"(?:type|write|enter) your reply above|reply above this line|(?:add|"
    r"provide) (?:additional )?comments?,? (?:please )?reply to this"
)

READ_RECEIPT = any_of(
    r"your message\b.{0,400}\b(?:was (?:read|deleted|displayed)|has been (?:read|displayed))\b.{0,20} on\b|"
    r"(?:return|read) receipt (?:for|only)|this is a (?:return|read) receipt|"
    r"ihre nachricht\b.{0,400}(?:wurde|ist)\b.{0,60}gelesen|"
    r"(?:lesebest[äa]tigung|empfangsbest[äa]tigung f[üu]r ihre mail)|(?:accus[ée] de lecture|"
    r"confirmation de lecture)|votre message\b.{0,300}a [ée]t[ée] lu|(?:confirmaci[óo]n|acuse) de lectura|"
    r"su mensaje\b.{0,300}(?:se ley[óo]|fue le[íi]do)|confirma[çc][ãa]o de leitura|"
    r"sua mensagem\b.{0,300}foi lida|conferma di lettura|(?:messaggio|"
    r"il messaggio)\b.{0,200}[èe] stato (?:visualizzato|letto)|leesbevestiging|"
    r"uw bericht\b.{0,300}is gelezen|potwierdzenie przeczytania|okundu bilgisi|l[äa]skvitto|開封(?:確認|通知)|开封|"
    r"已读(?:回执|通知)|已阅读|отч[её]т о прочтении"
)

BOT_SENDER = re.compile(
    r"(?:^|[\W_])(?:ro)?bot\d*@|[\w.]*[-_+.](?:ro)?bot[-_+.\w]*@|^(?:ro)?bot[-_+.\w]*@|(?:patch|sys|build|"
    r"syz|test|tip|git|auto|mail|check|dep|ci|merge|stable|robo)-?bot\d*(?:[-_+.][^@]*)?@|^(?:patchwork|jenkins|buildbot|zuul|gerrit|hudson|"
    r"travis|ci|autobuild|autotest|cron|nagios|patchew)\b[-_+.\w]*@",
    re.IGNORECASE,
)
BOT_NAME = re.compile(
    r"\b(?:robot|buildbot|syzbot|patchwork|jenkins|zuul|patchew|autoresponder|auto[- ]?reply|(?:test|build|ci|"
    r"patch|merge|tip|pull) ?bot)\b|^robot\b",
    re.IGNORECASE,
)
NO_REPLY_SENDER = re.compile(
    r"^(?:no-?_?reply|do-?_?not-?_?reply|noresponder|no-?responder|nao-?responda|ne-?pas-?repondre|"
    r"nepasrepondre|noresponse|auto-?(?:reply|responder|mailer|confirm|response|mail|notify)|"
    r"keine-?antwort|nicht-?antworten|vacation|bounce)\b[-_+.\w]*@|[-_.+](?:no-?reply|noreply|donotreply)@",
    re.IGNORECASE,
)
