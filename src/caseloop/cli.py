"""The one command: `caseloop demo | simulate | serve | worker | migrate | check | user | token | cases | rules | …`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from caseloop.config.env import BadSetting

Verb = Callable[[argparse.Namespace], int]


class CommandError(Exception):
    """A verb that cannot do what was asked; the sentence says why and what would help. Nothing was changed."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; returns its exit code. What is wrong is one sentence on standard error, and the code is not 0."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    verb: Verb | None = getattr(arguments, "verb", None)
    if verb is None:
        parser.print_help()
        return 2
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caseloop.config.settings")
    try:
        return verb(arguments)
    except (BadSetting, CommandError) as error:
        print(f"caseloop: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="caseloop", description="Follows up with customers on support cases and closes what stays silent."
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")

    demo = verbs.add_parser("demo", help="play the Contoso Coffee story on this machine")
    demo.add_argument("--once", action="store_true", help="play it, print a summary, and end")
    demo.add_argument("--json", action="store_true", help="with --once: the summary as JSON on standard output")
    demo.add_argument("--smtp", metavar="HOST:PORT", help="send the story's mail there as well, to be counted")
    demo.add_argument("--port", type=int, default=8000, help="of the web server (8000)")
    demo.set_defaults(verb=_demo)

    simulation = verbs.add_parser("simulate", help="months of many cases in minutes, with every promise checked")
    simulation.add_argument("--cases", type=_whole_number, default=100, metavar="N", help="how many cases (100)")
    simulation.add_argument("--days", type=_whole_number, default=30, metavar="D", help="how many days (30)")
    simulation.add_argument("--faults", action="store_true", help="with outages, kills, and rules that change")
    simulation.add_argument("--seed", type=int, default=1, metavar="S", help="where all chance comes from (1)")
    simulation.add_argument(
        "--step", type=_whole_number, default=30, metavar="MINUTES", help="how finely time goes by (30)"
    )
    simulation.add_argument("--json", action="store_true", help="the summary as JSON")
    simulation.set_defaults(verb=_simulate)

    serve = verbs.add_parser("serve", help="the web server; with --all the database and a worker too")
    serve.add_argument("--all", action="store_true", help="everything on this machine")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--workers", type=int, default=1, help="with --all: how many workers")
    serve.set_defaults(verb=_serve)

    worker = verbs.add_parser("worker", help="review cases, send and read mail; start as many as you like")
    worker.add_argument("--alone", action="store_true", help="without the parent that starts it again")
    worker.set_defaults(verb=_worker)

    verbs.add_parser("migrate", help="bring the database up to date").set_defaults(verb=_migrate)
    verbs.add_parser("check", help="is everything set up to run?").set_defaults(verb=_check)

    user = verbs.add_parser("user", help="make a user who can sign in")
    user.add_argument("username")
    user.add_argument("--name", default="", help="as colleagues know them")
    user.add_argument(
        "--role", default="representative", choices=["system_administrator", "csr_manager", "representative", "auditor"]
    )
    user.add_argument(
        "--password-file", type=Path, help="a file whose first line is the password; else it is asked for"
    )
    user.set_defaults(verb=_user)

    token = verbs.add_parser("token", help="issue a token of the API for a program, or revoke one")
    token.add_argument("username", help="as whom the program acts")
    token.add_argument("name", help="what the program is called")
    token.add_argument("--scope", action="append", default=[], help="what it may do, like cases:read; repeatable")
    token.add_argument("--revoke", action="store_true", help="from now on the token opens nothing")
    token.set_defaults(verb=_token)

    cases = verbs.add_parser("cases", help="import cases").add_subparsers(required=True, metavar="import")
    importing = cases.add_parser("import", help="cases from a CSV file, all or none")
    importing.add_argument("file", type=Path)
    importing.set_defaults(verb=_cases_import)

    rules = verbs.add_parser("rules", help="rules from a file").add_subparsers(required=True, metavar="apply")
    applying = rules.add_parser("apply", help="make or change the rules that a YAML file names")
    applying.add_argument("file", type=Path)
    applying.add_argument("--activate", action="store_true", help="activate those that the file calls active")
    applying.add_argument("--as", dest="username", default="", help="the manager or administrator who does it")
    applying.set_defaults(verb=_rules_apply)

    sending = verbs.add_parser("sending", help="switch follow-up and closure on and off, go live, stop everything")
    sending.add_argument("do", choices=["on", "off", "live", "safe", "stop", "start"])
    sending.add_argument("--as", dest="username", required=True, help="the manager or administrator who does it")
    sending.add_argument("--only-to", nargs="*", default=[], metavar="ADDRESS", help="with safe: who may be reached")
    sending.add_argument("--all-to", default="", metavar="ADDRESS", help="with safe: send everything there instead")
    sending.set_defaults(verb=_sending)

    mail = verbs.add_parser("mail", help="inspect mails, connect a mailbox").add_subparsers(
        required=True, metavar="VERB"
    )
    inspect = mail.add_parser("inspect", help="what mail files say; needs no database")
    inspect.add_argument("files", nargs="+", metavar="FILE")
    inspect.add_argument("--json", action="store_true")
    inspect.set_defaults(verb=_mail_inspect)
    connect = mail.add_parser("connect", help="connect the mailbox that the settings CASELOOP_MAILBOX_… describe")
    connect.set_defaults(verb=_mail_connect)
    return parser


def _django() -> None:
    import django

    django.setup()


def _demo(arguments: argparse.Namespace) -> int:
    from caseloop.demo.command import run

    return run(once=arguments.once, as_json=arguments.json, smtp=arguments.smtp, port=arguments.port)


def _simulate(arguments: argparse.Namespace) -> int:
    from caseloop.simulation.command import Asked, run

    asked = Asked(
        cases=arguments.cases,
        days=arguments.days,
        seed=arguments.seed,
        has_faults=arguments.faults,
        as_json=arguments.json,
        step_minutes=arguments.step,
    )
    return run(asked)


def _whole_number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 on")
    return int(text)


def _serve(arguments: argparse.Namespace) -> int:
    from caseloop.config import serve
    from caseloop.config.settings import DATA_DIR

    if arguments.all:
        return serve.serve_all(arguments.host, arguments.port, DATA_DIR, arguments.workers)
    return serve.serve_web(arguments.host, arguments.port)


def _worker(arguments: argparse.Namespace) -> int:
    if not arguments.alone:
        from caseloop.config import serve

        return serve.keep_worker_running()
    _django()
    from caseloop.config import worker

    return worker.main()


def _migrate(arguments: argparse.Namespace) -> int:
    _django()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    return 0


def _check(arguments: argparse.Namespace) -> int:
    _django()
    from caseloop.config.checks import report

    return report()


def _user(arguments: argparse.Namespace) -> int:
    _django()
    from caseloop.accounts.making import make_user

    made = make_user(arguments.username, arguments.name, arguments.role, arguments.password_file)
    if made:
        raise CommandError(made)
    return 0


def _token(arguments: argparse.Namespace) -> int:
    """The secret alone goes to standard output, once; it is kept nowhere."""
    _django()
    from caseloop.administration import clock
    from caseloop.api import tokens

    try:
        if arguments.revoke:
            tokens.revoke(arguments.username, arguments.name, clock.now())
            print(f"Revoked: “{arguments.name}” opens nothing any more.")
            return 0
        secret = tokens.issue(arguments.username, arguments.name, arguments.scope)
    except tokens.TokenRefused as error:
        raise CommandError(str(error)) from error
    print("Keep this secret; it is not shown again:", file=sys.stderr)
    print(secret)
    return 0


def _cases_import(arguments: argparse.Namespace) -> int:
    _django()
    from caseloop.administration import clock
    from caseloop.connectors.csv.importing import import_cases
    from caseloop.connectors.csv.rows import ImportRefused

    try:
        done = import_cases(arguments.file, clock.now())
    except (ImportRefused, OSError) as error:
        raise CommandError(str(error)) from error
    print(done)
    return 0


def _rules_apply(arguments: argparse.Namespace) -> int:
    _django()
    from caseloop.administration import clock
    from caseloop.followups.errors import FollowUpError
    from caseloop.followups.rules_file import apply_file

    try:
        for line in apply_file(arguments.file, arguments.username, arguments.activate, clock.now()):
            print(line)
    except (FollowUpError, OSError) as error:
        raise CommandError(str(error)) from error
    return 0


def _sending(arguments: argparse.Namespace) -> int:
    _django()
    from caseloop.accounts.models import User
    from caseloop.administration import clock
    from caseloop.administration.sending import SendingError, go_live, start_safely
    from caseloop.cases.errors import NotAllowed
    from caseloop.config.checks import sending_sentence
    from caseloop.followups import rules

    actor = User.objects.filter(username=arguments.username, is_active=True).first()
    if actor is None:
        raise CommandError(f"There is no user “{arguments.username}”.")
    try:
        match arguments.do:
            case "on" | "off":
                rules.switch(arguments.do == "on", actor=actor, now=clock.now())
            case "stop" | "start":
                rules.stop_all_sending(arguments.do == "stop", actor=actor, now=clock.now())
            case "live":
                go_live(actor=actor)
            case "safe":
                start_safely(arguments.only_to, arguments.all_to, actor=actor)
    except (NotAllowed, SendingError) as error:
        raise CommandError(str(error)) from error
    print(sending_sentence())
    return 0


def _mail_inspect(arguments: argparse.Namespace) -> int:
    from caseloop.reading.inspection import main as inspect

    return inspect([*(["--json"] if arguments.json else []), *arguments.files])


def _mail_connect(arguments: argparse.Namespace) -> int:
    _django()
    from caseloop.mail.connect import connect_from_settings
    from caseloop.mail.errors import MailError

    try:
        print(connect_from_settings())
    except MailError as error:
        raise CommandError(str(error)) from error
    return 0
