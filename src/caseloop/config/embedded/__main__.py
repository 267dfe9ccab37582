"""Which command brings data over from another PostgreSQL major version? `dump`, then `restore`."""

import argparse
import sys
from pathlib import Path

from caseloop.config.embedded import upgrade
from caseloop.config.embedded.errors import EmbeddedPostgresError


def main() -> int:
    """Run one of the two commands; the exit code is 1, with a sentence, when it could not be done."""
    parser = argparse.ArgumentParser(prog="python -m caseloop.config.embedded", description=__doc__)
    parser.add_argument("command", choices=("dump", "restore"))
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("backup", type=Path)
    given = parser.parse_args()
    command = upgrade.dump if given.command == "dump" else upgrade.restore
    try:
        command(given.data_dir.absolute(), given.backup.absolute())
    except (EmbeddedPostgresError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
