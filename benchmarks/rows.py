"""What is a realistic case, as rows? SQL that makes `n` of them; they differ by a hash of their number.

`plan` says of each case what all its rows need: whether it is active, due, at its closing, who its customer is, when
its first mail came in, and when we wrote last.
"""

PLAN = """
    CREATE TEMPORARY TABLE plan AS
    SELECT planned.*, wrote_at - interval '3 days' - h / 13 %% 4000 * interval '3 hours' AS came_at FROM (
    SELECT i, h, due.is_due OR h %% 100 < %(active)s AS is_active, due.is_due, due.is_due AND %(closes)s AS is_closing,
           'customer' || i || '@company' || (1 + i / 50) || '.example' AS address,
           'Machine ' || h %% 997 || ' of type Word' || h %% 60 || ' stops in the “Café”' AS title,
           'Re: your Word' || h / 17 %% 60 || ' machine' AS asked,
           'CAS-' || lpad(i::text, 7, '0') || '-K7' AS number,
           (%(queues)s::bigint[])[1 + i %% array_length(%(queues)s::bigint[], 1)] AS queue_id,
           (%(owners)s::bigint[])[1 + i %% array_length(%(owners)s::bigint[], 1)] AS owner_id,
           CASE WHEN due.is_due AND %(closes)s THEN %(now)s::timestamptz - interval '8 days'
                WHEN due.is_due THEN %(now)s::timestamptz - interval '48 hours 20 minutes'
                ELSE %(now)s::timestamptz - interval '1 hour' - h %% 120000 * interval '1 second'
           END + i * interval '1 millisecond' AS wrote_at
      FROM generate_series(1, %(n)s) i,
           LATERAL (SELECT abs(hashint4(i::int)::bigint) AS h) hashed,
           LATERAL (SELECT i %% %(step)s = 0 AND i / %(step)s <= %(due)s AS is_due) due) planned"""

CASES = [
    """
    INSERT INTO cases_organization (id, name, domains, created_at)
    SELECT i, 'Company ' || i || ' GmbH & Söhne', jsonb_build_array('company' || i || '.example'), %(now)s
      FROM generate_series(1, %(n)s / 50 + 1) i""",
    """
    INSERT INTO cases_contact (id, name, organization_id, language, time_zone, phone, created_at)
    SELECT i, (ARRAY['Anna Löwenherz', 'José Núñez', 'Émilie Roux', 'Ben Okafor', 'Yuki Tanaka'])[1 + h %% 5],
           1 + i / 50, (ARRAY['en', 'de', 'fr', ''])[1 + h / 3 %% 4],
           (ARRAY['Europe/Berlin', '', 'America/New_York'])[1 + h %% 3], '', wrote_at
      FROM plan""",
    """
    INSERT INTO cases_contactaddress (id, contact_id, address, is_primary, undeliverable_reason)
    SELECT i, i, address, true, '' FROM plan""",
    """
    INSERT INTO cases_case (id, number, title, description, status, status_reason_id, priority, subject, origin,
           line_of_business, queue_id, owner_id, contact_id, organization_id, custom, no_automation, hold_reason,
           created_at, updated_at, version, last_inbound_at, last_inbound_kind, last_inbound_subject,
           last_outbound_at, last_outbound_subject, next_move)
    SELECT i, number, title, 'The customer says that it stops, and that it has been cleaned twice.',
           CASE WHEN is_active THEN 'active' ELSE 'resolved' END,
           CASE WHEN is_active THEN %(on_hold)s ELSE %(solved)s END,
           (ARRAY['low', 'normal', 'high'])[1 + h / 7 %% 3], '', 'email', '', queue_id, owner_id, i,
           1 + i / 50, jsonb_build_object('score', h / 11 %% 100, 'model', 'M' || h %% 60), false, '',
           came_at, wrote_at, 3, came_at, 'human', lower(asked),
           wrote_at + CASE WHEN is_closing THEN interval '5 days' ELSE interval '0' END, lower(title),
           CASE WHEN is_active THEN 'customer' ELSE 'none' END
      FROM plan""",
    """
    INSERT INTO cases_casehistoryevent (id, number, title, description, status, status_reason_id, priority, subject,
           origin, line_of_business, queue_id, owner_id, contact_id, organization_id, custom, no_automation,
           hold_reason, created_at, version, pgh_created_at, pgh_label, pgh_obj_id)
    SELECT i, number, title, 'The customer says that it stops, and that it has been cleaned twice.', 'active',
           %(on_hold)s, 'normal', '', 'email', '', queue_id, owner_id, i, 1 + i / 50, '{}', false, '',
           came_at, 1, came_at, 'insert', i
      FROM plan""",
    """
    INSERT INTO cases_casereview (case_id, review_at, attempts, rule_id, waits_for_proof, closes_next, last_error)
    SELECT i, CASE WHEN is_due THEN %(now)s::timestamptz - interval '20 minutes' + i * interval '1 millisecond'
                   ELSE wrote_at + interval '48 hours' END, 0, %(rule)s, false, is_closing, ''
      FROM plan WHERE is_active""",
    """
    INSERT INTO followups_enrolment (id, case_id, rule_id, rule_version, policy, state, started_at, is_old_silence,
           may_finish, end_reason)
    SELECT i, i, %(rule)s, 1, %(policy)s, 'running', wrote_at + interval '2 seconds', false, false, '' FROM plan
     WHERE is_active""",
]

MAIL = [
    # the customer's first mail, our answer, and for a closing two follow-ups: message and activity share their number
    """
    INSERT INTO cases_activity (id, case_id, kind, direction, state, subject, body, actor_id, is_automatic, occurred_at)
    SELECT i, i, 'email', 'in', 'completed', address || ' wrote', title, NULL, false, came_at
      FROM plan
     UNION ALL
    SELECT %(n)s + i, i, 'email', 'out', 'completed', 'Sofia wrote to ' || address, title, owner_id, false, wrote_at
      FROM plan
     UNION ALL
    SELECT (1 + k) * %(n)s + i, i, 'email', 'out', 'completed', 'The assistant wrote to ' || address, title,
           %(agent)s, true, wrote_at + k * interval '2 days 12 hours'
      FROM plan, generate_series(1, 2) k WHERE is_closing""",
    """
    INSERT INTO cases_activity (id, case_id, kind, direction, state, subject, body, actor_id, is_automatic, occurred_at,
           due_at)
    SELECT 4 * %(n)s + 2 * i + k, i, 'task', 'internal', 'open', 'Ask the workshop for the report', '', owner_id,
           false, wrote_at, wrote_at + interval '1 day'
      FROM plan, generate_series(0, 1) k WHERE is_closing AND (i %% 2 = 0 AND k = 0 OR i %% 10 = 0)""",
    """
    INSERT INTO mail_message (id, case_id, mailbox_id, direction, activity_id, message_id, in_reply_to, "references",
           from_address, from_name, to_addresses, cc_addresses, subject, text, html, language, occurred_at, state,
           origin, letter, restarts_count, promises, attempts, server_reply, refused_recipients, bounce, evidence,
           kind, automatic_kind, new_text, is_trusted, match, opened_at)
    SELECT i, i, %(mailbox)s, 'in', i, '<first.' || i || '@company.example>', '', '{}', address, '',
           '{support@contoso.example}', '{}', asked, 'Hello, it stops again. We cleaned it twice. Regards, ' || address,
           '', 'en', came_at, '', '', '{}', false, '', 0, '', '{}', '', '{}',
           'human', '', 'Hello, it stops again. We cleaned it twice.', true, 'new', came_at + interval '1 day'
      FROM plan""",
    """
    INSERT INTO followups_reading (message_id, label, first_label, confidence, words, automatic_kind, is_only_thanks,
           is_wrong_person, read_by, read_at, verdict)
    SELECT i, 'question', 'question', 0.9, '["it stops again"]', '', false, false, 'builtin',
           came_at, ''
      FROM plan""",
    """
    INSERT INTO mail_message (id, case_id, mailbox_id, direction, activity_id, message_id, in_reply_to, "references",
           from_address, from_name, to_addresses, cc_addresses, subject, text, html, language, occurred_at, state,
           origin, author_id, letter, restarts_count, promises, approved_at, attempts, server_reply,
           refused_recipients, sent_at, bounce, evidence, kind, automatic_kind, new_text, is_trusted, match)
    SELECT %(n)s + i, i, %(mailbox)s, 'out', %(n)s + i, '<ours.' || i || '@contoso.example>',
           '<first.' || i || '@company.example>', ARRAY['<first.' || i || '@company.example>'],
           'support@contoso.example', 'Contoso Support', ARRAY[address], '{}', 'Re: ' || title || ' [' || number || ']',
           'Hello, the new pump went out today. Please put it in as shown on page 4 of the little book, and run it'
           ' three times with water. Does it work now? Schöne Grüße, Sofia',
           '<p>Hello, the new pump went out today. Please put it in as shown on page 4 of the little book, and run it'
           ' three times with water.</p><p>Does it work now?</p><p>Schöne Grüße, Sofia</p>',
           'en', wrote_at, 'sent', 'person', owner_id, '{}', false, '', wrote_at, 1, '250 2.0.0 OK', '{}', wrote_at,
           '', '{}', '', '', '', false, ''
      FROM plan""",
    """
    INSERT INTO mail_message (id, case_id, mailbox_id, direction, activity_id, message_id, in_reply_to, "references",
           from_address, from_name, to_addresses, cc_addresses, subject, text, html, language, occurred_at, state,
           origin, author_id, letter, restarts_count, promises, closes_on, approved_at, attempts, server_reply,
           refused_recipients, sent_at, bounce, evidence, kind, automatic_kind, new_text, is_trusted, match)
    SELECT (1 + k) * %(n)s + i, i, %(mailbox)s, 'out', (1 + k) * %(n)s + i,
           '<follow-up.' || k || '.' || i || '@contoso.example>', '<ours.' || i || '@contoso.example>',
           ARRAY['<ours.' || i || '@contoso.example>'], 'support@contoso.example', 'Contoso Support', ARRAY[address],
           '{}', 'Re: ' || title || ' [' || number || ']', repeat('Is it solved now? ', 30),
           repeat('<p>Is it solved now?</p>', 30), 'en', wrote_at + k * interval '2 days 12 hours', 'sent',
           'automatic', %(agent)s, %(letter)s, false, '',
           CASE WHEN k = 2 THEN (%(now)s::timestamptz - interval '1 day')::date END,
           wrote_at + k * interval '2 days 12 hours', 1, '250 2.0.0 OK', '{}',
           wrote_at + k * interval '2 days 12 hours', '', '{}', '', '', '', false, ''
      FROM plan, generate_series(1, 2) k WHERE is_closing""",
    """
    INSERT INTO mail_participant (id, case_id, address, is_trusted) SELECT i, i, address, true FROM plan""",
    """
    INSERT INTO followups_suggestedaction (id, case_id, enrolment_id, kind, state, step, message_id, summary, rule_name,
           rule_version, reason, why, evidence, would_stop, created_at, decided_at, decided_by_id, done_at, thumbs,
           comment)
    SELECT (k - 1) * %(n)s + i, i, i, 'send_follow_up', 'done', k + 1, (1 + k) * %(n)s + i,
           'The customer has not answered. Next is a follow-up.', 'Machines', 1, 'silent',
           '["Rule “Machines”, fully automatic, version 1", "Status reason is On Hold"]', '{}', '["an answer"]',
           wrote_at + k * interval '2 days 12 hours', wrote_at + k * interval '2 days 12 hours', %(agent)s,
           wrote_at + k * interval '2 days 12 hours', 0, ''
      FROM plan, generate_series(1, 2) k WHERE is_closing""",
    """
    INSERT INTO followups_contactslot (address, taken_at, message_id)
    SELECT address, wrote_at + interval '5 days', 3 * %(n)s + i FROM plan WHERE is_closing""",
]
