"""With which words do twelve languages name days, and say from or until when?"""

# ruff: noqa: E501 -- a table of words is read row by row

import re

MONTHS = {
    "en": "january|jan february|feb march|mar april|apr may june|jun july|jul august|aug september|sept|sep october|oct november|nov december|dec",
    "de": "januar|jänner|jan februar|feb märz|mär|mrz april|apr mai juni|jun juli|jul august|aug september|sept|sep oktober|okt november|nov dezember|dez",
    "fr": "janvier|janv février|fevrier|févr|fév mars avril|avr mai juin juillet|juil août|aout septembre|sept octobre|oct novembre|nov décembre|decembre|déc",
    "es": "enero|ene febrero|feb marzo|mar abril|abr mayo|may junio|jun julio|jul agosto|ago septiembre|setiembre|sept|sep octubre|oct noviembre|nov diciembre|dic",
    "pt": "janeiro|jan fevereiro|fev março|marco|mar abril|abr maio|mai junho|jun julho|jul agosto|ago setembro|set outubro|out novembro|nov dezembro|dez",
    "it": "gennaio|gen febbraio|feb marzo|mar aprile|apr maggio|mag giugno|giu luglio|lug agosto|ago settembre|sett|set ottobre|ott novembre|nov dicembre|dic",
    "nl": "januari|jan februari|feb maart|mrt april|apr mei juni|jun juli|jul augustus|aug september|sept|sep oktober|okt november|nov december|dec",
    "pl": "stycznia|styczeń|sty lutego|luty|lut marca|marzec|mar kwietnia|kwiecień|kwi maja|maj czerwca|czerwiec|cze lipca|lipiec|lip sierpnia|sierpień|sie września|wrzesień|wrz października|październik|paź listopada|listopad|lis grudnia|grudzień|gru",
    "tr": "ocak|oca şubat|subat|şub mart|mar nisan|nis mayıs|mayis|may haziran|haz temmuz|tem ağustos|agustos|ağu eylül|eylul|eyl ekim|eki kasım|kasim|kas aralık|aralik|ara",
    "sv": "januari|jan februari|feb mars|mar april|apr maj juni|jun juli|jul augusti|aug september|sept|sep oktober|okt november|nov december|dec",
}
WEEKDAYS = {
    "en": "monday|mon tuesday|tues|tue wednesday|wed thursday|thurs|thu friday|fri saturday|sat sunday|sun",
    "de": "montag|mo dienstag|di mittwoch|mi donnerstag|do freitag|fr samstag|sonnabend|sa sonntag|so",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles|miercoles jueves viernes sábado|sabado domingo",
    "pt": "segunda-feira|segunda terça-feira|terça|terca quarta-feira|quarta quinta-feira|quinta sexta-feira|sexta sábado|sabado domingo",
    "it": "lunedì|lunedi martedì|martedi mercoledì|mercoledi giovedì|giovedi venerdì|venerdi sabato domenica",
    "nl": "maandag|ma dinsdag|di woensdag|wo donderdag|do vrijdag|vr zaterdag|za zondag|zo",
    "pl": "poniedziałek|poniedziałku|poniedziałkiem wtorek|wtorku środę|środa|środy czwartek|czwartku piątek|piątku sobota|sobotę|soboty niedziela|niedzielę|niedzieli",
    "tr": "pazartesi salı|sali çarşamba|carsamba perşembe|persembe cuma cumartesi pazar",
    "sv": "måndag|måndagen tisdag|tisdagen onsdag|onsdagen torsdag|torsdagen fredag|fredagen lördag|lördagen söndag|söndagen",
    "ja": "月曜|月曜日 火曜|火曜日 水曜|水曜日 木曜|木曜日 金曜|金曜日 土曜|土曜日 日曜|日曜日",
    "zh": "周一|星期一|礼拜一 周二|星期二|礼拜二 周三|星期三|礼拜三 周四|星期四|礼拜四 周五|星期五|礼拜五 周六|星期六|礼拜六 周日|星期日|星期天|周天",
}
# Abbreviated weekdays are common words elsewhere: they count only before a number.
SHORT_WEEKDAYS = frozenset(
    [
        "mon",
        "tues",
        "tue",
        "wed",
        "thurs",
        "thu",
        "fri",
        "sat",
        "sun",
        "mo",
        "di",
        "mi",
        "do",
        "fr",
        "sa",
        "so",
        "ma",
        "wo",
        "vr",
        "za",
        "zo",
    ]
)

TOMORROW = {
    "en": "tomorrow", "de": "morgen(?! früh)|morgen früh", "fr": "demain", "es": "mañana(?! por)|mañana por la", "pt": "amanhã",
    "it": "domani", "nl": "morgen(?!s)", "pl": "jutro", "tr": "yarın", "sv": "i ?morgon|imorgon", "ja": "明日|あした", "zh": "明天|明日",
}  # fmt: skip
DAY_AFTER = {
    "en": "day after tomorrow", "de": "übermorgen", "fr": "après-demain", "es": "pasado mañana", "pt": "depois de amanhã",
    "it": "dopodomani", "nl": "overmorgen", "pl": "pojutrze", "tr": "öbür gün", "sv": "i ?övermorgon", "ja": "明後日|あさって", "zh": "后天|後天",
}  # fmt: skip
NEXT_WEEK = {
    "en": "next week|start of next week|early next week|the coming week", "de": "nächste[rn]? woche|kommende[rn]? woche|anfang nächster woche",
    "fr": "la semaine prochaine|semaine prochaine", "es": "la semana que viene|la próxima semana|semana próxima|próxima semana",
    "pt": "semana que vem|próxima semana|para a semana", "it": "settimana prossima|prossima settimana|la settimana entrante",
    "nl": "volgende week|komende week", "pl": "w przyszłym tygodniu|przyszły tydzień|następnym tygodniu|przyszłego tygodnia",
    "tr": "gelecek hafta|önümüzdeki hafta|haftaya", "sv": "nästa vecka|kommande vecka", "ja": "来週", "zh": "下周(?![一二三四五六日天])|下星期(?![一二三四五六日天])|下个星期|下個星期|下礼拜",
}  # fmt: skip
END_OF_MONTH = {
    "en": "end of (?:the |this )?month|month[- ]end|end of (?:the )?current month", "de": "ende (?:des|dieses) monats|monatsende",
    "fr": "fin du mois|fin de (?:ce )?mois", "es": "fin(?:al)?(?:es)? de(?:l)? (?:este )?mes", "pt": "fi(?:m|nal) d(?:o|este) mês", "it": "fine (?:del )?mese",
    "nl": "eind(?:e)? (?:van )?(?:de|deze) maand|maandeinde", "pl": "koniec miesiąca|końca miesiąca|końcem miesiąca|końcu miesiąca", "tr": "ay sonu\\w*|ayın sonu\\w*", "sv": "slutet av månaden|månadens slut|månadsskiftet",
    "ja": "月末", "zh": "月底|月末",
}  # fmt: skip
NEXT_MONTH = {
    "en": "next month", "de": "nächste[nrs]? monat\\w*", "fr": "le mois prochain", "es": "el (?:mes que viene|próximo mes)", "pt": "(?:mês que vem|próximo mês)",
    "it": "(?:il )?mese prossimo|prossimo mese", "nl": "volgende maand", "pl": "(?:w )?przyszłym miesiącu", "tr": "gelecek ay|önümüzdeki ay", "sv": "nästa månad", "ja": "来月", "zh": "下个?月",
}  # fmt: skip
NUMBERS = {
    "en": "a|one|another|1 two|a couple of three four five six seven eight nine ten", "de": "eine?[rnm]? zwei drei vier fünf sechs sieben acht neun zehn",
    "fr": "une? deux trois quatre cinq six sept huit neuf dix", "es": "una? dos tres cuatro cinco seis siete ocho nueve diez",
    "pt": "uma? duas|dois três|tres quatro cinco seis sete oito nove dez", "it": "una?|un' due tre quattro cinque sei sette otto nove dieci",
    "nl": "een|één twee drie vier vijf zes zeven acht negen tien", "pl": "jeden dwa|dwóch|dwie trzy|trzech cztery pięć sześć siedem osiem dziewięć dziesięć",
    "tr": "bir iki üç dört beş altı yedi sekiz dokuz on", "sv": "en|ett två tre fyra fem sex sju åtta nio tio",
    "ja": "一|1 二|2 三|3 四|4 五|5 六|6 七|7 八|8 九|9 十|10", "zh": "一 两|二 三 四 五 六 七 八 九 十",
}  # fmt: skip
UNITS = {
    "en": ("days?", "(?:more )?weeks?(?:'s?)?", "months?"), "de": ("tag(?:en?)?", "wochen?", "monat(?:en?)?"), "fr": ("jours?", "semaines?", "mois"),
    "es": ("días?", "semanas?", "mes(?:es)?"), "pt": ("dias?", "semanas?", "m[êe]s(?:es)?"), "it": ("giorn[oi]", "settiman[ae]", "mes[ei]"),
    "nl": ("dag(?:en)?", "we(?:ek|ken)", "maand(?:en)?"), "pl": ("dni|dzień", "tydzień|tygodni\\w*", "miesiąc\\w*|miesięcy"), "tr": ("gün", "hafta", "ay"),
    "sv": ("dag(?:ar)?", "veck(?:a|or)", "månad(?:er)?"), "ja": ("日(?:間)?後", "週間?(?:後)?", "(?:か|ヶ|カ)月後?"), "zh": ("天(?:后|後|之后)?", "(?:个)?(?:周|星期)(?:后|後|之后)?", "个月(?:后|後|之后)?"),
}  # fmt: skip
# What stands before "two weeks" where that names a day, not a length.
IN = {
    "en": r"\bin|\bgive (?:it|me|us)(?: at least)?|\bwait(?: for)?|\banother|\bafter|\bone more|\bask me in|\bneed", "de": r"\bin|\bnoch", "fr": r"\bdans|\bd['’]ici", "es": r"\ben|\bdentro de|\bdeme|\bdenme", "pt": r"\bem|\bdaqui a|\bdentro de",
    "it": r"\bfra|\btra|\bentro", "nl": r"\bover|\bnog", "pl": r"\bza|\bo|\bjeszcze", "tr": "", "sv": r"\bom|\bännu", "ja": "", "zh": "",
}  # fmt: skip
WEEK_OF = (
    r"week (?:of|beginning|commencing|starting)(?: the| on)?|w/[bc]|woche (?:vom|ab)(?: dem)?|semaine du|"
    r"semana del?(?: día)?|semana de|settimana del(?:l['’])?|"
    r"week van|tydzień od|tygodniu od|veckan (?:från|med)|haftası"
)
WEEK_NUMBER = r"(?:\bweek|\bkw|\bkalenderwoche|\bsemaine|\bsemana|\bsettimana|\bvecka|\bv\.?|\bwk\.?|\btydzień)\s?(?P<week>\d{1,2})(?![\w:/]|\.\d)"

RETURN = re.compile(
    r"\bback\b|\breturn(?:ing|s)?\b|\bre-?open|\bagain\b|\bavailable (?:again )?(?:from|on)|\bresum|"
    r"\bin the office (?:again|on|from)|\bwill be (?:in|available)|"
    r"\bwieder\b|\bzurück|\brückkehr|\bretour|\brentr|\brevien|\breprend|\breprise|\broúvr|réouvr|\bvuelv|"
    r"\bregres|\breincorpor|\bretom|\bvolt[oae]|\bretorn|"
    r"\btorn(?:o|erò)|\britorn|\briapr|\bdi nuovo|\bterug|\bweer (?:aan|op|bereik|aanwez|in)|\bheropen|"
    r"\bwrac|\bwróc|\bpowr[oó]|\bponownie|\bdostępn|\bdön|\btekrar|\byeniden|\bbaşla|"
    r"\btillbaka|\båter|復帰|再開|営業(?:開始|再開|いた)|出社|戻り|通常(?:営業|業務)|恢复|上班|返回|回来|回到|开始营业|正常",
    re.IGNORECASE,
)
NOT_BEFORE = re.compile(
    r"(?:\bnot?\b[^.]{0,40}\b(?:until|till|before)|\bonly (?:on|from|after)|\berst\b(?: wieder)?(?: ab|"
    r" am)?|\bpas avant|\bhasta el [^.]{0,20} no|\bno [^.]{0,30}hasta|\bsó\b|\bnão [^.]{0,30}antes|"
    r"\bnon prima|\bpas\b|"
    r"\bniet (?:eerder|voor)|\bdopiero|\bnie wcześniej|\bancak|\bförrän|\bförst)(?:\s+(?:am|ab|on|the|de|"
    r"del|del|den|der|dem|le|la|el|il|o|w|we|om|of|op|på|dal|al))*\W*$",
    re.IGNORECASE,
)
UNTIL = re.compile(
    r"(?:\buntil|\btill|\bthrough|\bthru|\bup to|\bup until|\bup to and including|\buntil and including|"
    r"\bto\b|\bbis(?: zum| einschließlich| inkl\.?| inklusive)?|\bjusqu['’](?:au|à|en)|\bhasta(?: el)?|"
    r"\baté(?: (?:o|ao|a))?|"
    r"\bfino (?:al?|alle|all['’])|\bsino al|\bt/m|\btot(?: en met)?|\btot|\bdo|\btill och med|"
    r"\bt\.?o\.?m\.?|\btill|\bau\b|\bal\b|\ba\b|\bdnia|至|到|—|–|-|〜|～|から)"
    r"(?:\s+(?:and including|the|und mit|mit|zum|den|dem|o|el|il|le|la|dia|día|dnia|och med|en met|"
    r"inclusief|einschließlich|including|de|op|on|dzień))*[\s,:]*$",
    re.IGNORECASE,
)
UNTIL_AFTER = re.compile(
    r"^\s*(?:\([^)]{1,6}\)\s*)?(?:[^\s\w]?(?:y?[ea]|ye|ya)? ?(?:tarihine |gününe |günü )?kadar|まで|为止|止|\(?inclusive|\)?,? ?inclus|inclu[sí]|incl\.|inclusief|inclusive)",
    re.IGNORECASE,
)
