"""What would Caseloop read in these mail files?"""

import argparse
import json
import sys
from pathlib import Path

from caseloop.reading.read import read_mail

Inspection = dict[str, str | bool | None]


def inspect_file(path: str | Path) -> Inspection:
    """What one mail file says, under the keys of `caseloop mail inspect --json`; dates as ISO 8601, absent facts None.

    "Back on Monday" counts from the mail's own Date. Raises OSError where the file cannot be opened; no content does.
    """
    return _inspected(str(path), Path(path).read_bytes())


def _inspected(name: str, raw: bytes) -> Inspection:
    reading = read_mail(raw)
    parsed = reading.parsed
    if reading.kind == "automatic" and parsed.date is not None:
        reading = read_mail(raw, parsed.date.date())
    failed = reading.failed_recipients
    return {
        "file": name,
        "kind": reading.kind,
        "automatic_kind": reading.automatic_kind,
        "permanent": reading.permanent,
        "failed_recipient": failed[0] if len(failed) == 1 else None,
        "new_text": reading.new_text,
        "message_id": parsed.message_id,
        "subject": parsed.subject,
        "from": parsed.from_.address if parsed.from_ else None,
        "case_number": reading.case_number,
        "resume_on": reading.resume_on.isoformat() if reading.resume_on else None,
    }


def main(argv: list[str]) -> int:
    """Print a line per file: JSON with `--json`, else for people. 1 when a file could not be opened, 0 otherwise."""
    parser = argparse.ArgumentParser(prog="caseloop mail inspect", description="Show what mail files say.")
    parser.add_argument("files", nargs="+", metavar="FILE", help="a mail as it was received (RFC 5322, .eml)")
    parser.add_argument("--json", action="store_true", help="a JSON object per line")
    chosen = parser.parse_args(argv)
    exit_code = 0
    for file in chosen.files:
        try:
            found = inspect_file(file)
        except OSError as error:
            print(f"{file}: cannot be opened: {error.strerror or error}", file=sys.stderr)
            found = _unopened(file)
            exit_code = 1
        print(json.dumps(found) if chosen.json else _sentence(found))
    return exit_code


def _unopened(name: str) -> Inspection:
    return {**dict.fromkeys(_inspected(name, b"")), "file": name, "kind": "other", "new_text": ""}


def _sentence(found: Inspection) -> str:
    kind = str(found["kind"])
    if found["automatic_kind"]:
        kind += f" ({found['automatic_kind']}{', back on ' + str(found['resume_on']) if found['resume_on'] else ''})"
    if kind == "undeliverable":
        kind += f" ({_lasting(found['permanent'])}: {found['failed_recipient'] or 'several or no addresses'})"
    about = f", case {found['case_number']}" if found["case_number"] else ""
    text = " ".join(str(found["new_text"] or "").split())
    return (
        f"{found['file']}: {kind} from {found['from'] or 'nobody'}{about}: {text[:120]}{'…' if len(text) > 120 else ''}"
    )


def _lasting(permanent: str | bool | None) -> str:
    if permanent is None:
        return "refused or not said"
    return "permanent" if permanent else "temporary"
