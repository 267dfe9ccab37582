"""With which words do mail servers say that, and why, a message was not delivered?"""

# ruff: noqa: E501 -- a wide letter counts as two

import re
from enum import Enum


class Reason(Enum):
    """Why a mail was not delivered."""

    MAILBOX_FULL = "mailbox full"
    TEMPORARY = "temporary"
    UNKNOWN_USER = "unknown user"
    UNKNOWN_HOST = "unknown host"
    REFUSED = "refused"

    @property
    def is_permanent(self) -> bool | None:
        """Whether trying again is useless; None: refused, a person decides."""
        if self is Reason.REFUSED:
            return None
        return self in (Reason.UNKNOWN_USER, Reason.UNKNOWN_HOST)


MAILER = re.compile(
    r"mailer[-_ ]?daemon|po+stmaster|mail[. ]?delivery[. ]?(?:sub)?system|internet mail delivery|"
    r"mail administrator|"
    r"system administrator|mail[- ]?system|mail router|mdaemon|maildaemon|mail transfer agent|"
    r"delivery[-.]?(?:agent|status|"
    r"failure|notification)|\bbounces?[-+@]|no-?deliver|^\s*<>\s*$|syst[eè]mm?e? de messagerie|"
    r"administrador del sistema|"
    r"systemadministrator|microsoft (?:outlook|exchange)\b|microsoftexchange329e",
    re.IGNORECASE,
)

SUBJECT = re.compile(
    r"undeliver(?:ed|able|y)|non-?deliver|not (?:been )?(?:be )?delivered|"
    r"delivery (?:status )?(?:notification|failure|"
    r"failed|problem|error|has failed|delayed?|report|status)|deliver(?:y|ed)?.{0,20}(?:fail|delay|error|"
    r"problem|impossible)|"
    r"(?:mail|message|failure|bounce) (?:delivery )?(?:fail(?:ed|ure)|notice|notification|bounced|error)|"
    r"returned (?:e-?)?mail|returned to sender|returning (?:message )?to sender|failure notice|"
    r"mail (?:system )?error|could not (?:be )?"
    r"(?:deliver|send|sent)|unable to deliver|message (?:delayed|rejected|blocked)|delayed mail|"
    r"mail (?:delayed|rejected|status "
    r"report)|message .{0,60}delayed|postmaster notify|bounced? (?:mail|message|e-?mail)|email bounce|"
    r"blocked by our|"
    r"^warning: (?:message|could not)|message status - undeliver|user unknown|"
    r"unzustellbar|nicht (?:zugestellt|zustellbar)|zustellung.{0,30}(?:fehl|verz|gescheitert)|zustellbarkeit|"
    r"non remis|non[- ]distribu|[ée]chec (?:de|d[’']envoi|lors)|remise (?:diff[ée]r[ée]e|impossible)|"
    r"avis de non|"
    r"no (?:se )?(?:pudo|puede|ha podido) (?:ser )?entreg|no entregad|devuelto|fallo (?:en la|de) entrega|"
    r"sin entregar|"
    r"falha (?:na|de|no) (?:entrega|envio)|n[ãa]o (?:foi )?(?:entregue|p[ôo]de)|devolvid|"
    r"mancat[ao] (?:consegna|recapito)|non recapitabil|impossibile (?:consegnare|recapitare)|"
    r"errore di consegna|"
    r"onbestelbaar|niet (?:bezorgd|afgeleverd|besteld)|kan niet worden bezorgd|"
    r"niedostarczalny|nie (?:zosta[łl]a?|dostarczon|mo[żz]na dor)|zwrot (?:poczty|wiadomo)|"
    r"kan inte levereras|ej levererat|gick inte att (?:leverera|skicka)|oleveransbar|ikke levere|"
    r"kunne ikke leveres|"
    r"teslim edileme|iletileme|не доставлен|недоставлен|сообщение о невозможности|ошибка доставки|"
    r"невозможно доставить|"
    r"配信不能|配信できません|配信(?:エラー|失敗|の遅延)|送信エラー|未達|戻り|エラーメール|退信|无法投递|未能送达|投递失败|傳遞失敗|无法传递|未传递|系统退信|无法送达",
    re.IGNORECASE,
)

# How a server opens its report; a customer would not call it "your message".
OPENING = re.compile(
    r"(?:your|the following|this|the) (?:message|mail|e-?mail)s? (?:.{0,80}? )?(?:could not|can ?not|"
    r"was not|wasn't|has not|hasn't|did not|couldn't|is being|"
    r"was (?:rejected|returned|blocked|undeliver)|has been (?:rejected|returned|blocked|delayed))|"
    r"automatic(?:ally)? (?:generated|created)|this is the mail|"
    r"delivery of (?:your |the |this )?(?:message|mail|e-?mail)|ihre (?:nachricht|e-?mail).{0,60}(?:konnte|"
    r"wurde) nicht|votre (?:message|courrier|e-?mail).{0,60}n[’']a (?:pas )?pu|"
    r"(?:su|tu) (?:mensaje|correo).{0,60}no (?:se )?(?:pudo|ha)|sua mensagem.{0,60}n[ãa]o|il (?:suo|"
    r"tuo) messaggio.{0,60}non|uw (?:bericht|e-?mail).{0,60}niet|"
    r"ваше (?:сообщение|письмо).{0,60}не |お客様の|メール.{0,20}送信|您的邮件|您發送",
    re.IGNORECASE,
)

FAILURE = re.compile(
    r"(?:could|can|was|were|has|have|is|did|will|may)(?: ?n[o']t|not)(?: yet)?(?: be|"
    r" been)?(?: able to)?(?: be)? (?:deliver(?:ed)?|"
    r"reach(?:ed)?|sent|relayed|accepted|transmitted|forwarded|found)|"
    r"(?:undeliverable|undelivered)|delivery (?:to|of).{0,120}(?:fail|delay|postpon|reject|error|was not|"
    r"could not|has been)|"
    r"(?:failed|unable|impossible|not possible|refused|wasn'?t able|were not able|not able|"
    r"inability) to (?:deliver|reach|relay|be delivered|accept|send)|"
    r"delivery (?:has )?(?:failed|attempt|error|failure|problem)|failed (?:recipient|address|to deliver)|"
    r"permanent (?:fatal )?(?:error|failure)|fatal errors?|(?:message|mail|e-?mail) (?:was |has been |"
    r"is being )?(?:returned|bounced|rejected|"
    r"refused|blocked|delayed|not delivered|held|undeliver)|returned (?:to (?:you|sender)|mail|message)|"
    r"transcript of session|"
    r"did not reach|has not (?:yet )?been (?:delivered|collected)|not delivered to|rejected your message|"
    r"error message (?:below|follows)|"
    r"following (?:address(?:es)?|recipients?|errors?|message|destination|"
    r"user)(?:\(?e?s\)?)?.{0,60}(?:fail|error|problem|fatal|reject|unknown|"
    r"could not|not (?:be )?|undeliver|invalid)|(?:user|recipient|mailbox|address|account|host|"
    r"domain) (?:is |was )?(?:unknown|not found|"
    r"unavailable|does not exist|doesn'?t exist|rejected|invalid|disabled|not recogni[sz]ed|not listed)|"
    r"(?:no such|unknown) (?:user|recipient|host|"
    r"address|mailbox|local user)|unrecogni[sz]ed (?:recipient|user|address)|over(?:\s|-)?quota|"
    r"quota (?:exceeded|violation)|"
    r"mailbox (?:is )?(?:full|exceeded)|message size exceeds|<<< [45]\d\d|\b5\d\d[ -]5\.\d+\.\d+|"
    r"bounce(?:d)? e?-?mail|"
    r"no valid (?:recipients|addresses)|we(?:'ve| have) given up|sorry it didn'?t work out|"
    r"nicht (?:zugestellt|zustellbar|ausgeliefert|erreicht|übermittelt)|unzustellbar|konnte nicht|"
    r"n[’']a (?:pas )?(?:pu|été).{0,40}(?:remis|distribu|délivr|envoy|achemin)|[ée]chec de|impossible de|"
    r"non remis|"
    r"no (?:se )?(?:pudo|puede|ha podido|ha sido|fue)(?: ser)? (?:entreg|envi)|no (?:ha sido posible|"
    r"es posible) entreg|imposible entregar|"
    r"n[ãa]o (?:foi|p[ôo]de|pode)(?: ser)? (?:poss[íi]vel )?entreg|falha|non (?:è stato possibile|"
    r"[èe] stato|pu[òo] essere) (?:consegn|recapit|invi)|"
    r"kon(?:den)? niet (?:worden )?(?:bezorgd|afgeleverd)|niet worden (?:bezorgd|afgeleverd)|"
    r"nie (?:zosta[łl]a|mo[żz]e by[ćc]|uda[łl]o)|"
    r"kunde inte (?:levereras|skickas)|kunne ikke leveres|teslim edileme|iletileme|не (?:было |может быть |"
    r"был[ао]? |удалось )?доставл|"
    r"не удал(?:ось|ась)|невозможно доставить|配信(?:でき|され|不能)|送信でき|届けることができ|お届けでき|送達でき|見つかりません|存在し|无法(?:投递|"
    r"送达|传递)|未能(?:投递|送达)|退回",
    re.IGNORECASE,
)

_FULL = re.compile(
    r"mailbox.{0,40}\b(?:full|exceed|over)|(?:mail ?box|account|inbox|user|recipient|box|disk|"
    r"storage).{0,60}(?:quota|over (?:the )?(?:limit|"
    r"size|storage)|out of (?:space|storage)|is full|full\b)|quota (?:exceed|violation|limit|is|has)|"
    r"over[- ]?quota|exceed\w*.{0,40}"
    r"(?:quota|storage|mailbox|disk|allowed space)|exceed(?:ed|s|ing)? (?:his|her|their|its|"
    r"the) (?:mail)?(?:box|quota)|"
    r"insufficient (?:disk |system )?(?:space|storage)|(?:not enough|no) (?:disk |storage )?space|"
    r"mailfolder is full|"
    r"too (?:much|many) (?:mail|messages) (?:in|for|on)|mailbox size limit|storage (?:limit|exceeded|"
    r"is full)|storequota|\bquotaexceeded|"
    r"(?:postfach|mailbox|speicher).{0,40}(?:voll|überschritten|erschöpft)|bo[îi]te.{0,40}(?:pleine|satur)|"
    r"quota d[ée]pass|buz[óo]n.{0,40}"
    r"lleno|caixa.{0,40}(?:cheia|excedid)|casella.{0,40}piena|skrzynka.{0,40}(?:pełna|przepe)|переполнен|"
    r"превыш.{0,20}квот|"
    r"メールボックス.{0,30}(?:いっぱい|一杯|満杯|容量)|容量.{0,10}(?:超|オーバー)|受信箱.{0,10}(?:超|満)|邮箱.{0,10}(?:已满|满)|"
    r"信箱.{0,10}(?:已滿|滿)|"
    r"mailbox temporarily full|mbox.{0,20}full|allowed space",
    re.IGNORECASE,
)
_TEMPORARY = re.compile(
    r"\b4\d\d[ -][#]?4\.\d{1,3}\.\d{1,3}|\bwill (?:be |keep |continue |re-?)?(?:retr(?:y|ied)|try|continu|"
    r"attempt)|(?:being|will be) retried|"
    r"(?:message|delivery|mail).{0,60}(?:delay(?:ed)?|deferred|postponed)\b|not yet been delivered|"
    r"no action is required on your part|"
    r"delivery time expired|(?:message|delivery|retry).{0,30}(?:expired|timed? ?out|too (?:old|long))|"
    r"retry time(?:out)? (?:not reached|exceeded)|"
    r"(?:in|on) (?:the )?queue (?:too long|for more)|too (?:old|long in queue)|retry timeout|"
    r"could not (?:be )?delivered? for (?:the last )?\d|"
    r"connection (?:timed out|timeout|refused|reset|dropped|closed|lost|failed|to)|connect(?:ing|"
    r"ion)? to .{0,80}(?:failed|timed out|refused)|"
    r"lost connection|timed? ?out|timeout|network (?:is )?unreachable|no route to host|"
    r"host (?:is )?(?:down|unreachable|not responding)|"
    r"temporar(?:y|ily)|try (?:again|later|back)|please retry|greylist|grey-list|"
    r"resources (?:temporarily )?unavailable|"
    r"too many (?:recipients|connections|concurrent|sessions|simultaneous)|rate limit|system (?:load|busy|"
    r"resources)|server (?:busy|too busy)|"
    r"service (?:currently |temporarily )?unavailable.{0,20}(?:later|try)|rout(?:e|ing) lookup.{0,30}fail|"
    r"couldn'?t get a connection|(?:tried|trying) for (?:more than )?\d+ (?:hours|days)|"
    r"all (?:relevant )?mx records point to non-existent|hostname lookup.{0,20}deferral|"
    r"dns (?:lookup )?(?:temporar|timeout|soft)|"
    r"establish an smtp connection|will keep trying|giving up.{0,60}(?:queue|long)|in the queue|"
    r"verz[öo]ger|vor[üu]bergehend|"
    r"sera (?:de nouveau|re)|diff[ée]r[ée]|временно|一時的|遅延|配送を継続|暂时|稍后",
    re.IGNORECASE,
)
_UNKNOWN_USER = re.compile(
    r"(?:user|recipient|mailbox|address|account|alias|addressee|username|local part|inbox|person|e-?mail|"
    r"id)[^\n]{0,60}?(?:unknown|not (?:be )?found|no longer|"
    r"(?:does ?n[o']t|did not|doesn’t|do not|didn't) (?:exist|have (?:a|an) )|not exist|not (?:a )?known|"
    r"not (?:a )?valid|isn'?t valid|non-?exist|"
    r"unrecogni[sz]ed|not recogni[sz]ed|not listed|could ?n[o']t be found|wasn'?t found|unavailable|"
    r"is invalid|"
    r"invalid\b|not (?:on|at|in) (?:this|our)|has (?:been )?(?:moved|deleted|removed)|not our (?:customer|"
    r"user)|not local|not available here)|"
    r"(?:no such|unknown|invalid|bad|nonexistent|non-existent|unrecogni[sz]ed|undefined|unroute?able|"
    r"unrouteable|no) (?:local )?(?:user|recipient|mailbox|address|account|"
    r"person|alias|domino|addressee|destination (?:mailbox )?address|destinatario|e-?mail|virtual|inbox|"
    r"local part|users? here|one here)|"
    r"#5\.1\.0 address rejected|account not available|recipnotfound|adr\.exrecipnotfound|recipient name is not recogni|not listed in (?:the )?(?:domino|"
    r"public|name)|(?:doesn'?t|does not) "
    r"(?:exist|have (?:a|an) [\w.]{0,40} ?(?:account|mailbox|user))|is not (?:a )?(?:known|valid|"
    r"recogni[sz]ed|active|listed|defined)|"
    r"can'?t (?:find|create) (?:user|output|alias)|cannot find|unable to (?:find|locate) (?:user|recipient|"
    r"address)|no mailbox here|there is no one at this|"
    r"this (?:address|user|recipient|account) (?:no longer|doesn|does not)|no longer (?:valid|on server|"
    r"available|in use|accepts|exists?|with|work)|left the (?:company|organi)|"
    r"unknown (?:user|recipient|address|or illegal|local)|\bnot a valid mailbox|mailbox unavailable|"
    r"couldn'?t be found|"
    r"wasn'?t found at|5\.1\.1\b|5\.1\.10\b|5\.1\.6\b|unbekannt|existiert nicht|inconnu|n[’']existe pas|"
    r"inexistant|desconocid|no existe|"
    r"inexistente|desconhecid|n[ãa]o existe|sconosciut|non esiste|onbekend|bestaat niet|nieznan|"
    r"nie istnieje|ok[äa]nd|finns inte|"
    r"bulunamad|не (?:существует|найден)|неизвестн|存在しま(?:せん|ない)|存在しない|宛先不明|見つかりません|不存在|查无|無此|找不到",
    re.IGNORECASE,
)
_UNKNOWN_HOST = re.compile(
    r"(?:host|domain|server|mx|dns)\b[^\n]{0,60}?(?:unknown|not found|(?:does ?n[o']t|did not) (?:exist|"
    r"resolve)|non-?exist|no (?:valid )?(?:mx|mail)|could not be resolved|"
    r"lookup failure|invalid|isn'?t set up|does not accept)|(?:unknown|no such|invalid|nonexistent|"
    r"unrouteable|unroutable|unresolvable|unresolveable|bad) (?:mail )?(?:host|domain)|"
    r"nxdomain|name (?:or service )?not (?:known|found)|can'?t find any host|no (?:mx|mail ?(?:server|host|"
    r"exchanger)|a) (?:or mx )?record|"
    r"(?:null|no) mx|does not (?:accept|receive) (?:e-?)?mail|not accept(?:ing)? (?:any )?(?:e-?)?mail|"
    r"5\.1\.2\b|\b521\b[^\n]{0,40}(?:accept|mail)|5\.3\.2\b|domain (?:name )?(?:has )?expired|"
    r"all recipient addresses rejected|"
    r"illegal host/domain|unknown host",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"\bspam\b|spamming|spammer|junk|\buce\b|unsolicited|blacklist|black ?list|block ?list|blocked|"
    r"blocking|\brbl\b|dnsbl|spamhaus|spamcop|barracuda|proofpoint|reputation|"
    r"polic(?:y|ies)|\bvirus(?:es)?\b|malware|infected|banned|prohibited|forbidden|content (?:reject|"
    r"filter|error)|filtered|"
    r"relay(?:ing)? (?:access )?(?:denied|not|is not|prohibited|disallowed|failed)|not permitted to relay|"
    r"unable to relay|we do not relay|cannot relay|relaying\b|"
    r"authenticat|\bspf\b|\bdkim\b|\bdmarc\b|unauthenticated|not authori[sz]ed|notauthori[sz]ed|"
    r"authori[sz]ation|access denied|permission denied|denied by|"
    r"not (?:allowed|permitted|accept)|restricted|"
    r"(?:message|mail|size|e-?mail)[^\n]{0,50}(?:too (?:large|big|long)|exceeds)|size limit|too big|"
    r"rcpthosts|reverse dns|\bptr\b|reverse lookup|rdns|"
    r"tls (?:is )?required|starttls|sender (?:address )?(?:rejected|denied|verify|verification)|"
    r"unroutable sender|verify failed|verification failed|prohibition|badmailfrom|"
    r"suspend|disabled|discontinued|inactive|deactivated|on hold|locked|syntax error|bad (?:sender|"
    r"sequence|header)|loop|too many hops|headers? (?:missing|invalid)|"
    r"members? only|moderated|non-?member|no permission|do(?:es)? not have permission|confirmation|"
    r"whitelist|challenge|suppression list|"
    r"unacceptable|reject(?:ed)? (?:by|due|for|because)|refused by|abgelehnt|(?<!connection )refus[ée]|rechazad|rejeitad|"
    r"rifiutat|geweigerd|odrzucon|отклонен|拒否|拒绝|拒收",
    re.IGNORECASE,
)

_SOFT_FIRST = re.compile(r"(?<![\d.\[])4\.\d{1,3}\.\d{1,3}(?![\d.])|(?:^|[^\d.\[])4[2-5]\d[ -](?!\d\d)")
_STATUS = re.compile(r"(?<![\d.\[])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
# The server turned the sender away before it looked at the recipient.
_AT_SENDER = re.compile(
    r"(?:after|reply to|response to|>>>)\s+(?:end of )?mail from\b|>>>\s*(?:ehlo|helo)|"
    r"sender'?s? (?:e-?mail )?(?:address|domain)|domain of sender|\b5\.1\.[78]\b",
    re.IGNORECASE,
)
_AGAIN = re.compile(r"try again|temporar|will retry|timed? ?out", re.IGNORECASE)
_NO_MAIL_HERE = re.compile(
    r"\b5\.3\.2\b|\b521\b.{0,60}accept|not accepting network messages|null ?mx|no smtp service|"
    r"domain [^\n]{0,60}does not (?:accept|receive) (?:e-?)?mail",
    re.IGNORECASE,
)


def reason_in(text: str) -> Reason | None:
    """Why one server, in `text`, did not take a mail for one recipient; None where it says no reason."""
    text = text[:8_000]
    if _FULL.search(text):
        return Reason.MAILBOX_FULL
    if _NO_MAIL_HERE.search(text):
        return Reason.UNKNOWN_HOST
    if _AT_SENDER.search(text) and not _SOFT_FIRST.search(text):
        return Reason.REFUSED
    if _REFUSED.search(text) and not _SOFT_FIRST.search(text):
        return Reason.UNKNOWN_USER if _CLEARLY_UNKNOWN.search(text) else Reason.REFUSED
    if _SOFT_FIRST.search(text):
        return Reason.TEMPORARY
    if _UNKNOWN_USER.search(text):
        return Reason.UNKNOWN_USER
    if _UNKNOWN_HOST.search(text):
        return Reason.TEMPORARY if _AGAIN.search(text) else Reason.UNKNOWN_HOST
    return Reason.TEMPORARY if _TEMPORARY.search(text) else None


_CLEARLY_UNKNOWN = re.compile(
    r"#5\.1\.0 address rejected|"
    r"user (?:is )?(?:unknown|not found|does(?:n'?t| not) exist)|(?:no such|unknown|"
    r"invalid) (?:local )?(?:user|recipient|mailbox)|recipnotfound|recipient not found|"
    r"recipient address rejected: access denied|recipient (?:address rejected: )?unknown|does(?:n'?t|"
    r" not) exist",
    re.IGNORECASE,
)


def reason_of_status(status: str) -> Reason | None:
    """What an enhanced status code alone says (RFC 3463); None where it leaves the reason open."""
    found = _STATUS.search(status)
    if found is None:
        return None
    kind, subject, detail = found[1], int(found[2]), int(found[3])
    if (subject, detail) == (2, 2):
        return Reason.MAILBOX_FULL
    if kind == "4":
        return Reason.TEMPORARY
    if kind != "5":
        return None
    if (subject, detail) in ((1, 1), (1, 10), (1, 6), (1, 3)):
        return Reason.UNKNOWN_USER
    if (subject, detail) in ((1, 2), (3, 2)):
        return Reason.UNKNOWN_HOST
    if (subject, detail) == (4, 7):
        return Reason.TEMPORARY
    return Reason.REFUSED if subject in (6, 7) or detail else None
