"""Reports of mail servers on mails that did not arrive, worded as each server words them."""

COPY = """Received: from contoso.example by mx.contoso.example; Tue, 3 Mar 2026 10:00:00 +0000
Message-ID: <follow-up-7@contoso.example>
From: Contoso Support <help@contoso.example>
To: pat@gone.example
Subject: Your case [CAS-01042-K7]

Is the coffee machine working?
"""

DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.gone.example>"

PROSE: list[tuple[str, dict[str, str], str, bool | None]] = [
    ("exim unknown user", {"From": DAEMON, "Subject": "Mail delivery failed: returning message to sender"}, f"This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  pat@gone.example\n    Unrouteable address\n\n------ This is a copy of the message, including all the headers. ------\n\n{COPY}", True),
    ("exim warning", {"From": DAEMON, "Subject": "Warning: message 1abc delayed 24 hours"}, "A message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on mx.contoso.example.\n\nThe address to which the message has not yet been delivered is:\n\n  pat@gone.example\n    Delay reason: connection timed out\n\nNo action is required on your part.", False),
    ("exim spam", {"From": DAEMON, "Subject": "Mail delivery failed: returning message to sender"}, f"A message that you sent could not be delivered.\n\n  pat@gone.example\n    SMTP error from remote mail server after end of data:\n    550 5.7.1 This message looks like spam\n\n------ This is a copy of the message, including all the headers. ------\n\n{COPY}", None),
    ("qmail full", {"From": "MAILER-DAEMON@gone.example", "Subject": "failure notice"}, f"Hi. This is the qmail-send program at gone.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<pat@gone.example>:\nThe user's mailbox is over its quota.\n\n--- Below this line is a copy of the message.\n\n{COPY}", False),
    ("qmail unknown", {"From": "MAILER-DAEMON@gone.example", "Subject": "failure notice"}, f"Hi. This is the qmail-send program at gone.example.\n\n<pat@gone.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n{COPY}", True),
    ("qmail no host", {"From": "MAILER-DAEMON@contoso.example", "Subject": "failure notice"}, f"<pat@gone.example>:\nSorry, I couldn't find any host named gone.example. (#5.1.2)\n\n--- Below this line is a copy of the message.\n\n{COPY}", True),
    ("exchange 2003", {"From": "System Administrator <postmaster@gone.example>", "Subject": "Undeliverable: Your case [CAS-01042-K7]"}, "Your message did not reach some or all of the intended recipients.\n\n      Subject:\tYour case [CAS-01042-K7]\n      Sent:\t3/3/2026 10:00 AM\n\nThe following recipient(s) could not be reached:\n\n      pat@gone.example on 3/3/2026 10:01 AM\n            The e-mail account does not exist at the organization this message was sent to.\n            <mx.gone.example #5.1.1>", True),
    ("exchange relay", {"From": "postmaster@gone.example", "Subject": "Undeliverable: Your case"}, "The following recipient(s) could not be reached:\n\n      pat@gone.example on 3/3/2026 10:01 AM\n            You do not have permission to send to this recipient.\n            <mx.gone.example #5.7.1 smtp;550 5.7.1 Unable to relay>", None),
    ("gmail", {"From": "Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Subject": "Delivery Status Notification (Failure)"}, "** Address not found **\n\nYour message wasn't delivered to pat@gone.example because the address couldn't be found, or is unable to receive mail.", True),
    ("yahoo full", {"From": "MAILER-DAEMON@yahoo.example", "Subject": "Failure Notice"}, "Sorry, we were unable to deliver your message to the following address.\n\n<pat@gone.example>:\n552: 1: Requested mail action aborted, mailbox not found over quota", False),
    ("notes", {"From": "Postmaster@gone.example", "Subject": "DELIVERY FAILURE: User pat (pat@gone.example) not listed in Domino Directory"}, "Your message\n\n  Subject: Your case\n\nwas not delivered to:\n\n  pat@gone.example\n\nbecause:\n\n  User pat (pat@gone.example) not listed in Domino Directory", True),
    ("groupwise", {"From": "Mailer-Daemon@gone.example", "Subject": "Message status - undeliverable"}, "The message that you sent was undeliverable to the following:\n\tpat@gone.example (user not found)", True),
    ("sendmail deferred", {"From": "Mail Delivery Subsystem <MAILER-DAEMON@contoso.example>", "Subject": "Warning: could not send message for past 4 hours"}, "    **********************************************\n    **      THIS IS A WARNING MESSAGE ONLY      **\n    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n    **********************************************\n\n   ----- Transcript of session follows -----\n<pat@gone.example>... Deferred: Connection timed out with mx.gone.example.\nWarning: message still undelivered after 4 hours\nWill keep trying until message is 5 days old", False),
    ("sendmail unknown", {"From": "Mail Delivery Subsystem <MAILER-DAEMON@contoso.example>", "Subject": "Returned mail: User unknown"}, f"   ----- The following addresses had permanent fatal errors -----\n<pat@gone.example>\n\n   ----- Transcript of session follows -----\n... while talking to mx.gone.example.:\n>>> RCPT To:<pat@gone.example>\n<<< 550 5.1.1 <pat@gone.example>... User unknown\n550 <pat@gone.example>... User unknown\n\n   ----- Original message follows -----\n\n{COPY}", True),
    ("postfix de", {"From": DAEMON, "Subject": "Unzustellbar: Ihr Fall"}, "Ihre Nachricht konnte nicht zugestellt werden.\n\n<pat@gone.example>: Empfänger unbekannt", True),
    ("exchange fr", {"From": "postmaster@gone.example", "Subject": "Non remis : Votre dossier"}, "Échec de la remise pour ces destinataires :\n\npat@gone.example\nL'adresse de messagerie n'existe pas.", True),
    ("exchange es", {"From": "postmaster@gone.example", "Subject": "No se puede entregar: Su caso"}, "No se pudo entregar el mensaje a estos destinatarios:\n\npat@gone.example\nEl buzón del destinatario está lleno.", False),
    ("exchange it", {"From": "postmaster@gone.example", "Subject": "Non recapitabile: Il suo caso"}, "Impossibile recapitare il messaggio:\n\npat@gone.example\nL'indirizzo non esiste.", True),
    ("polish", {"From": "Mailer-Daemon@gone.example", "Subject": "Zwrot poczty"}, "Wiadomość nie została dostarczona do:\n\n<pat@gone.example>\n\nnie istnieje taki użytkownik", True),
    ("russian", {"From": "mailer-daemon@gone.example", "Subject": "Сообщение не доставлено"}, "Ваше письмо не было доставлено.\n\npat@gone.example\nПочтовый ящик переполнен", False),
    ("japanese", {"From": "MAILER-DAEMON@gone.example", "Subject": "配信エラー"}, "メールを配信できませんでした。\n\n<pat@gone.example>\n宛先のアドレスは存在しません。", True),
    ("dkim refused", {"From": DAEMON, "Subject": "Undelivered Mail Returned to Sender"}, "This is the mail system at host mx.contoso.example.\n\n<pat@gone.example>: host mx.gone.example[192.0.2.1] said: 550 5.7.26 Unauthenticated email is not accepted due to domain's DMARC policy (in reply to end of DATA command)", None),
    ("size", {"From": DAEMON, "Subject": "Undelivered Mail Returned to Sender"}, "<pat@gone.example>: message size 30000000 exceeds size limit 20480000 of server mx.gone.example[192.0.2.1]", None),
    ("greylisted too long", {"From": DAEMON, "Subject": "Undelivered Mail Returned to Sender"}, "<pat@gone.example>: host mx.gone.example[192.0.2.1] said: 450 4.2.0 Greylisted, please try again later (in reply to RCPT TO command)", False),
    ("hmailserver", {"From": "mailer-daemon@mx.gone.example", "Subject": "Message undeliverable: Your case"}, "Your message did not reach some or all of the intended recipients.\n\nThe following recipient(s) could not be reached:\n\npat@gone.example\n   Error Type: SMTP\n   Remote server (192.0.2.1) issued an error.\n   hMailServer sent: RCPT TO:<pat@gone.example>\n   Remote server replied: 550 No such user here", True),
    ("mercury", {"From": "Electronic Postmaster <postmaster@gone.example>", "Subject": "Postmaster Notify: Delivery Failure."}, "The following errors occurred when trying to deliver your mail to 'pat@gone.example':\n\n  User not known at this site.", True),
    ("web host", {"From": "Postmaster <>", "Subject": "Undeliverable mail"}, "Your message to pat@gone.example was rejected: this account has been suspended.", None),
]  # fmt: skip

PEOPLE_ON_BOUNCES: list[tuple[str, dict[str, str], str]] = [
    ("reports bounces", {"Subject": "Re: Email delivery blocked"}, "All three of my mails bounced with 550 5.1.1 user unknown. The address is right, so it must be you."),
    ("asks about undeliverable mail", {"Subject": "Undeliverable mail"}, "Hello, since Monday all mails from our office come back as undeliverable. Can you help?"),
    ("full mailbox", {"Subject": "Mailbox full"}, "My mailbox is full again although I deleted everything. What now?"),
    ("delivery of goods", {"Subject": "Delivery failed"}, "The parcel could not be delivered on Friday, nobody rang. Please send it again."),
    ("quotes a bounce", {"Subject": "Re: failure notice", "In-Reply-To": "<1@x.example>"}, "I got this when writing to you:\n\n> <help@contoso.example>:\n> Sorry, no mailbox here by that name. (#5.1.1)"),
    ("postmaster in the text", {}, "Our postmaster says that your mails are rejected. Which servers do you send from?"),
    ("forwards a bounce", {"Subject": "Fwd: Undeliverable: Your case"}, "Look what I get when I write to you.\n\nFrom: Postmaster <postmaster@contoso.example>\nSent: Tuesday, March 3, 2026 10:00 AM\nTo: Ana\nSubject: Undeliverable: Your case\n\nYour message could not be delivered to help@contoso.example."),
    ("forwards a bounce without a word", {"Subject": "Undeliverable: Your case"}, "---------- Forwarded message ---------\nFrom: Mail Delivery Subsystem <mailer-daemon@x.example>\nDate: Tue, 3 Mar 2026\nSubject: Undeliverable: Your case\nTo: <ana@customer.example>\n\nYour message could not be delivered to help@contoso.example."),
    ("answers a bounce", {"Subject": "RE: Undeliverable: Your case", "In-Reply-To": "<1@x.example>"}, "Yes, the old address is dead, please use this one."),
]  # fmt: skip
