"""By which words does a text show that its reader is away, gone, or behind a gate?"""

# ruff: noqa: E501 -- a wide letter counts as two

from caseloop.reading.machine_words import any_of

AWAY = any_of(
    r"(?:i|we)(?:[’']?(?:m|re|ll be)| am| are| will be| shall be| have been)?(?: currently| now| presently|"
    r" also)? (?:be )?(?:out of|away from|not in|out from|off) (?:the |my |our )?(?:office|town|country|"
    r"desk|work|email|e-mail)|out of (?:the )?office|"
    r"(?:i|we)(?:[’']m|[’']re| am| are| will be|[’']ll be)(?: currently| now)? (?:away|out(?: today| until|"
    r" on| this| of|,)|off (?:on|until|work|sick|today|this|\w+ing)|absent|traveling|travelling|"
    r"unavailable|enjoying|on (?:annual |parental |maternity |paternity |sick |medical |family |study |"
    r"a )?(?:leave|vacation|holidays?|pto|business trip|sabbatical|break|conference|sick))|"
    r"\b(?:am|are|is) (?:currently )?on (?:annual |parental |maternity |paternity |sick |medical |"
    r"a )?(?:leave|vacation|holidays?|pto|trip|sabbatical)|(?:will be|be|is) (?:traveling|travelling|"
    r"closed|out)\b|(?:office|company|shop|offices|we)s? (?:is |are |will be |remain |remains )(?:closed|"
    r"shut)|"
    r"i[’']?(?:ll| will) (?:be )?(?:back|return) (?:to the office|in the office|at (?:my desk|work)|on)|"
    r"will not return until|not (?:be )?(?:checking|reading|monitoring) (?:my )?(?:e-?)?mails?|"
    r"limited (?:access|connectivity)|(?:at|attending) a conference",
    r"nicht im (?:b[üu]ro|hause|dienst|haus)|(?:im|in) (?:urlaub|elternzeit|mutterschutz|ferien)|au(?:ß|"
    r"ss)er haus|abwesend|abwesenheit|nicht (?:erreichbar|am platz|anwesend)|betriebsferien|(?:wieder|"
    r"zur[üu]ck) (?:f[üu]r sie )?(?:erreichbar|im b[üu]ro|da)|auf (?:dienst|gesch[äa]fts)reise|"
    r"krank(?:heit|gemeldet|geschrieben)",
    r"absente?\b|en (?:cong[ée]s?|vacances|d[ée]placement|arr[êe]t|cong[ée] (?:maternit|parental))|"
    r"hors du bureau|de retour (?:le|au)|(?:mon|notre) absence|[àa] mon retour|ferm[ée]e? (?:du|pour|"
    r"jusqu)|indisponible",
    r"fuera de (?:la )?oficina|de vacaciones|ausente|(?:mi|nuestra) ausencia|de (?:baja|viaje|permiso)|"
    r"me reincorpor|(?:regreso|regresar[ée]|vuelvo|volver[ée]) (?:a la oficina|el)|estar[ée] (?:fuera|"
    r"ausente)|cerrad[oa]s? (?:por|del|hasta)|no estoy disponible",
    r"(?:em|de|entrar(?:ei)? em) f[ée]rias|ausente|fora d[oa] (?:escrit[óo]rio|empresa)|de licen[çc]a|"
    r"(?:retorno|retornarei|regresso|voltarei|volto) (?:ao|no|em|dia|a)|minha aus[êe]ncia|(?:estaremos|"
    r"estamos) (?:fechad|em recesso)|em viagem",
    r"(?:in|sono in) (?:ferie|vacanza|maternit[àa]|malattia|congedo|trasferta)|fuori (?:ufficio|sede)|"
    r"(?:sono|sar[òo]) (?:assente|fuori|in ferie)|(?:rientr(?:o|er[òo])|torner[òo]|"
    r"sar[òo] di ritorno) (?:il|in|a|luned)|al mio (?:rientro|ritorno)|chius[oai] (?:per|dal|fino)|"
    r"riapr(?:e|iremo|ir[àa])",
    r"(?:met|op) (?:\w+)?(?:vakantie|verlof|reces)|\b\w*vakantie\b|afwezig|niet (?:op kantoor|aanwezig|"
    r"bereikbaar|in de gelegenheid)|buiten kantoor|weer (?:aanwezig|bereikbaar|op kantoor|aan het werk|"
    r"terug)|(?:ben|kom) ik (?:weer|terug)|zwangerschapsverlof|gesloten",
    r"(?:na|w) urlopie|urlopu|poza biurem|nieobecn|(?:wracam|wr[óo]c[ęe]|powr[óo]t|"
    r"b[ęe]d[ęe] dost[ęe]pn\w*) (?:do pracy|do biura|\d|w|z|po)|zwolnieniu lekarskim|w delegacji|(?:biuro|"
    r"firma|sklep)[^.]{0,20}(?:nieczynn|zamkni)|po powrocie",
    r"(?:izinli|izinde|y[ıi]ll[ıi]k izin|tatilde|tatildeyim|izindeyim|raporluyum)|"
    r"ofis(?:te)? (?:d[ıi][şs][ıi]nda|de[ğg]il)|ofis d[ıi][şs][ıi]|(?:tarihinde|g[üu]n[üu]|da|"
    r"de) (?:d[öo]nece[ğg]im|ofiste olaca[ğg]|i[şs]e ba[şs]la)|do[ğg]um izn|kapal[ıi](?:y[ıi]z|d[ıi]r)",
    r"semester|(?:är|[åa]r) (?:ledig|bortrest|frånvarande|tillbaka)|f[öo]r[äa]ldraledig|(?:inte|"
    r"ej) p[åa] (?:kontoret|plats)|på semester|utanf[öo]r kontoret|tj[äa]nsteresa|"
    r"tillbaka (?:p[åa] kontoret|den|i tj[äa]nst|m[åa]ndag|tis|ons|tors|fre|igen)|sjukskriven|f[åa]r ferie|"
    r"p[åa] ferie|fraværende|fravær|ikke på kontoret|lomalla|poissa",
    r"不在(?:にし|と|の|で|です|して)|(?:休暇|休業|夏季休|冬季休|年末年始|お休み|産休|育休|出張|外出)(?:を|中|とな|いた|し|の|に|期間|させ)|(?:休假|放假|出差|外出|"
    r"度假|年假|产假|病假|不在(?:办公室|公司))(?:中|期间|，|,|。|时间|至|到)?|(?:在|正在)(?:休假|度假|出差)|恢复(?:上班|工作)|正常上班",
    r"в отпуске|вне офиса|отсутству|командировк|на больничном|декрет|부재중|휴가|출장",
)

URGENT = any_of(
    r"(?:urgent|emergenc|immediate(?:ly)? (?:assistance|attention|help|need)|pressing|can'?t wait|"
    r"cannot wait|important matter|assistance (?:is )?(?:needed|required)|in my absence|"
    r"while i[’']?m (?:out|away|gone)|while i am (?:out|away)|during my absence|please (?:contact|reach|"
    r"call|email|e-mail)|kindly (?:contact|reach)|(?:contact|call|reach|dial) (?:my|our|the|me on|mr|ms)|"
    r"is handling|will be covering|you can reach|for (?:other|any|all other|it|classroom|tech\w*) )",
    r"dringend|in (?:dringenden|eiligen) f[äa]llen|notf[äa]ll|vertret(?:ung|en|er)|wenden sie sich|"
    r"kontaktieren sie|urgen(?:t|ce|cia|te|za|ti|ze)|en cas d[’']urgence|(?:merci de|veuillez|"
    r"vous pouvez) (?:contacter|vous adresser|joindre)|(?:contacte|dir[íi]jase|escriba|"
    r"p[óo]ngase en contacto|contactar)|em caso de|contat(?:e|ar|o com)|contatt(?:are|i)|rivolg|spoed|"
    r"dringend|neem (?:dan )?contact|bel (?:de|met)|piln|prosz[ęe] o kontakt|kontakt z|zast[ęe]p|acil|"
    r"ula[şs]abilir|ileti[şs]ime ge[çc]|adresine yaz|br[åa]dskande|akut|kontakta|vid fr[åa]gor|緊急|お急ぎ|急ぎ|"
    r"ご連絡ください|まで(?:ご)?連絡|如有急事|紧急|緊急|急事|请联系|請聯繫|срочн|обращай",
)

NOT_READ = any_of(
    r"(?:will|is|are) not (?:be )?(?:forwarded|read|monitored|checked)|no access to (?:my )?e-?mails?|"
    r"(?:limited|no|intermittent|sporadic|restricted|little) (?:access|internet|connectivity|signal|"
    r"ability)|not (?:be )?(?:checking|reading|monitoring|able to (?:read|answer|check))|(?:read|"
    r"respond to|reply to|answer|return|get back to|attend to) (?:you|your|all|any|it|e-?mails?|"
    r"messages?)[^.]{0,50}(?:when|upon|after|on|once|as soon|tomorrow)[^.]{0,30}(?:return|back|can|"
    r"possible|office)?|will (?:respond|reply|answer|be answered|be read) (?:when|upon|after|on|once|"
    r"as soon)|(?:after|upon|on) my return",
    r"(?:nicht|keine[rn]?) (?:weitergeleitet|gelesen|zugriff|bearbeitet)|(?:nach|bei) meiner r[üu]ckkehr|"
    r"nach (?:dem|meinem) urlaub|[àa] (?:mon|notre) retour|(?:pas|ni) (?:acc[èe]s|lus?|transf[ée]r)|"
    r"prendr\w* connaissance|(?:a|tras|de) mi (?:regreso|vuelta)|no (?:se leer|tendr[ée] acceso|"
    r"ser[áa]n? (?:le[íi]d|reenv|atendid))|acceso limitado|(?:n[ãa]o ser[ãa]o|sem) (?:lid|acesso|"
    r"encaminhad)|(?:ao|no) meu (?:retorno|regresso)|(?:verranno|saranno|leggo|legger[òo]) (?:lett|le mail|"
    r"evas)|al (?:mio )?(?:rientro|ritorno)|alla riapertura|accesso limitato",
    r"niet (?:gelezen|doorgestuurd|doorgezonden|beantwoord)|(?:na|bij) mijn (?:terugkomst|terugkeer)|"
    r"tussentijds|po (?:moim )?powrocie|nie b[ęe]d[ęe] (?:czyta|mia[łl]|odbiera|sprawdza|mog)|"
    r"ograniczony dost|(?:l[äa]ser|l[äa]ses|vidarebefordras|besvaras) (?:inte|ej|n[äa]r)|"
    r"n[äa]r jag [äa]r tillbaka|d[öo]n(?:d[üu][ğg][üu]mde|[üu][şs][üu]mde)|戻り(?:次第|まし)|(?:帰社|出社|復帰)(?:後|"
    r"次第)|休み?明け|(?:回复|回覆|邮件)(?:可能)?(?:会)?(?:不(?:能)?及时|较慢|延迟|有所延)|(?:回来|返回|上班|假期(?:结束)?)后(?:再)?(?:给您)?(?:回复|"
    r"处理|联系)",
)

THANKS = any_of(
    r"thank(?:s| you)(?: very much| so much)? for (?:your|the|contacting|writing|getting|reaching|e-?mail)|"
    r"you(?:[’']ve| have) reached|(?:vielen |herzlichen )?dank f[üu]r ihre (?:nachricht|e-?mail|anfrage|"
    r"mail)|merci (?:de|pour|d[’'])(?: votre| ton| vos)? ?(?:message|mail|courriel|nous avoir|avoir|"
    r"e-?mail)|gracias por (?:su|tu|contactar|escribir|comunicarse)|obrigad[oa] (?:pelo|por|pela)|"
    r"agradecemos|grazie per (?:il|la|aver)|bedankt voor (?:uw|je)|dank (?:u )?voor (?:uw|je)|"
    r"dzi[ęe]kuj(?:[ęe]|emy) za (?:wiadomo|kontakt|mail|e-?mail|zg[łl]osz|przes)|te[şs]ekk[üu]r|"
    r"tack f[öo]r (?:ditt|ert|din)|takk? for (?:din|henvendelsen|e-?post)|ありがとうございます|感谢(?:您)?的?(?:来信|邮件|联系|"
    r"来函)|您的来信|спасибо за (?:ваше|обращ|письмо)",
)

GONE = any_of(
    r"(?:is|am|are|'m|’m) no longer (?:with|employed|working|work|at|part|in (?:the|this)|associated|"
    r"a member|active|responsible|an employee)|no longer (?:works?|employed|monitored|in use|active|"
    r"available|checked|valid|exists?|being (?:monitored|used|read)|reachable|a valid)|has (?:left|"
    r"retired from|departed) (?:the |our )?[\w&. ]{2,40}|(?:have|'ve|’ve) left (?:the )?(?:company|organi|"
    r"firm|university)|last day (?:at|with|in) |(?:address|mailbox|account|inbox|e-?mail) (?:is|has been|"
    r"was) (?:not (?:in use|monitored|active|used)|no longer|retired|closed|discontinued|deactivated|"
    r"decommissioned|disabled|shut)|not in use any ?more|(?:address|e-?mail) has (?:changed|moved)|"
    r"new (?:e-?mail )?address (?:is|:)",
    r"nicht mehr (?:f[üu]r|bei|im unternehmen|in unserem|t[äa]tig|gelesen|aktiv|verwendet|besch[äa]ftigt|"
    r"g[üu]ltig|erreichbar|genutzt|betreut|abgerufen|in gebrauch)|(?:unternehmen|firma|haus) verlassen|"
    r"ausgeschieden|ne (?:travaille|fait|fais|sera|suis|est) plus (?:partie|chez|dans|consult|utilis|suivi|"
    r"valid|lue?|actif|active|pour)?|n[’']est plus|a quitt[ée]|quitt[ée] (?:l[’']entreprise|"
    r"la soci[ée]t[ée])|ya no (?:trabaja|trabajo|forma|est[áa]|pertenece|se (?:usa|utiliza|lee|monitorea))|"
    r"dej[óo] de (?:trabajar|laborar)|n[ãa]o (?:trabalha|fa[çc]o?z?|est[áa]|[ée]) mais|"
    r"j[áa] n[ãa]o (?:trabalh|se encontra|faz|est[áa])|desligad[oa] da empresa|non (?:lavor[ao]|[èe]|"
    r"fa(?:ccio)?) pi[ùu]|ha lasciato|niet (?:meer|langer) (?:werkzaam|in (?:dienst|gebruik)|bij|actief|"
    r"gelezen|gebruikt|gecontroleerd)|uit dienst|nie pracuj[ęe] (?:ju[żz]|w)|ju[żz] nie pracuj|"
    r"nie jest ju[żz]|(?:art[ıi]k|bundan) .{0,40}(?:[çc]al[ıi][şs]m[ıi]yor|kullan[ıi]lm[ıi]yor|"
    r"kullan[ıi]mda de[ğg]il)|ayr[ıi]lm[ıi][şs]|(?:arbetar|jobbar|anv[äa]nds|bevakas|finns) (?:inte|"
    r"ej) (?:l[äa]ngre|kvar)|har slutat|slutat p[åa]|退職(?:いた|し)|(?:既に|すでに)退|(?:このメールアドレスは|"
    r"アドレスは).{0,20}(?:使用|利用|使われ)(?:して|され)?(?:おりません|いません|停止|できません|なくなり)|(?:已|已经)(?:离职|离开公司|停用|不再使用|不再)|"
    r"больше не (?:работает|используется)|уволил",
)

CHALLENGE = any_of(
    r"(?:not|isn'?t|aren'?t) (?:yet )?(?:on|in|listed) (?:in )?my (?:contact|approved|guest|address|safe|"
    r"allowed)|\bguest list\b|\bboxbe\b|\bbluebottle\b|spam ?arrest|challenge[/-]response|mailblocks|"
    r"\btmda\b|"
    r"(?:your|this) (?:message|e-?mail|mail) (?:is|has been|was) (?:being |currently )?(?:held|quarantined|"
    r"placed|waiting|pending)[^.]{0,80}(?:until|because|pending|unless|approv)|"
    r"to (?:have|ensure|get|allow) your (?:message|e-?mail)[^.]{0,20} (?:is |be )?deliver|(?:prove|confirm|"
    r"verify) (?:that )?you are (?:a )?(?:human|real|person|not)|first[- ]time senders?|"
    r"(?:klicken|best[äa]tigen) sie[^.]{0,80}(?:zugestellt|absender)|cliquez[^.]{0,80}(?:distribu|"
    r"d[ée]livr|authentifi)|haga clic[^.]{0,80}entreg|clique[^.]{0,80}entregue|(?:点击|點擊).{0,20}(?:验证|驗證|送达)"
)

CLICK_TO_DELIVER = any_of(
    r"(?<!i )(?<!we )(?:click|follow|use|visit|press)\b[^.]{0,60}\b(?:link|button|url|"
    r"below)[^.]{0,100}(?:deliver|approv|verif|confirm|release|allow)|one[- ]time (?:verification|request|"
    r"process)|"
    r"(?:do this|verify|confirm) (?:one time|once)|only (?:need|have) to do this (?:one time|once)"
)

INSTITUTION = any_of(
    r"(?:e-?mail|message|call|request|enquiry|inquiry|satisfaction|business) is (?:very )?important to us|"
    r"dear (?:valued )?(?:customer|client|sender|guest|business partner|sir)|in the order (?:it was |"
    r"they (?:were|are) )?received|"
    r"(?:we are|we're|we will be) (?:there|here|back) for you|(?:our|the) (?:office|shop|company|store|"
    r"team|support|offices|business)\b[^.]{0,30}(?:is|are|will be|remain|remains) (?:currently )?(?:closed|"
    r"shut|unavailable)|"
    r"sehr geehrte (?:kund|damen)|unser (?:b[üu]ro|team|betrieb|service)[^.]{0,40}(?:geschlossen|"
    r"nicht besetzt)|wir sind (?:ab|wieder)|(?:nos bureaux|notre (?:soci[ée]t[ée]|bureau|magasin|"
    r"service))[^.]{0,40}ferm|chers? clients?|"
    r"(?:nuestras oficinas|nuestra oficina|la oficina|la empresa)[^.]{0,40}cerrad|estimad[oa]s? clientes?|"
    r"prezad[oa]s? clientes?|(?:nosso escrit[óo]rio|a empresa|nossos escrit[óo]rios)[^.]{0,40}(?:fechad|"
    r"recesso)|"
    r"(?:lo studio|l[’']ufficio|gli uffici|l[’']azienda|il negozio)[^.]{0,40}chius|gentile cliente|"
    r"gentili clienti|(?:ons kantoor|kantoor|onze winkel)[^.]{0,30}(?:gesloten|dicht)|geachte (?:klant|"
    r"heer)|beste klant|"
    r"szanowni pa[ńn]stwo|(?:nasze biuro|biuro)[^.]{0,30}(?:nieczynne|zamkni)|say[ıi]n (?:m[üu][şs]terimiz|"
    r"ilgili)|(?:ofisimiz|i[şs]yerimiz)[^.]{0,40}kapal|b[äa]sta kund|(?:v[åa]rt kontor|"
    r"kontoret)[^.]{0,30}st[äa]ngt|"
    r"(?:弊社|当社|当店|当事務所)|お客様各位|尊敬的(?:客户|用户|顾客)|(?:我司|本公司|我公司)"
)

# What a person says who means to do something about the matter: machines promise answers, people promise acts.
PERSONAL = any_of(
    r"\b(?:i[’']?ll|i will|i can|i could|i[’']?d|we[’']?ll|we will|can i|let me|going to|gonna|"
    r"will)(?: \w+){0,3} (?:test|try|check|look (?:at|into)|install|verify|confirm|ride|run|see (?:if|"
    r"whether)|shoot|drop|let you know|report|update you|tell|get you|do it|send you)\b|haven[’']?t (?:had|"
    r"tried|tested|been able)|not (?:yet )?(?:tested|tried|had (?:a )?(?:chance|time))|keep (?:it|this|"
    r"the \w+) open|before you close|don[’']?t close|do not close|please wait|still (?:not|does|has|is|"
    r"crash|broken)|(?:it|that|this|the (?:fix|update|patch|part)) (?:works|worked|helped|is (?:fixed|"
    r"working|solved|still))|problem|issue (?:is|was|persist)",
    r"(?:ich|wir) (?:melde|teste|probiere|pr[üu]fe|schaue|versuche|gebe|sage|kann|werde (?:es|das|mich))|"
    r"(?:dann|danach) (?:teste|melde|probiere|pr[üu]f|geb)|noch nicht (?:getestet|probiert|dazu)|bescheid|"
    r"ausprobier|je (?:vous )?(?:dirai|teste|vais (?:tester|essayer|v[ée]rifier)|v[ée]rifie|reviens vers|"
    r"confirmerai|rentre)|pas (?:encore )?eu le temps|probar[ée]|os digo|les aviso|le(?:s)? (?:aviso|"
    r"confirmo)|lo (?:pruebo|reviso|miro)|testo|(?:vou|irei) (?:testar|verificar)|aviso (?:voc[êe]s|vcs)|"
    r"testarei|confirmo (?:depois|quando)|prov(?:o|er[òo]|iamo)|vi faccio sapere|far[òo] sapere|"
    r"verific(?:o|her[òo])|test ik|laat (?:ik|het) .{0,20}weten|hoort u|probeer|kijk ik|sprawdz[ęe]|"
    r"przetestuj|dam zna[ćc]|dene(?:rim|yip|yece)|bakıp|yazar[ıi]m|test edip|kontrol edip|testar|kollar|"
    r"återkommer|h[öo]r av mig|prövar|確認でき次第|試し|確認(?:し|いた)|テスト(?:し|いた)|お待ちください|测(?:一下|试)|试(?:一下|试)|检查|先别关|"
    r"回复您(?:结果)?|再联系|проверю|попробую",
)
