"""How do we talk to the running server without a database driver?

Through PostgreSQL's own `psql`, `pg_dump` and `pg_restore`, run as the user we run as.
"""

from pathlib import Path

from caseloop.config.embedded.account import ourselves
from caseloop.config.embedded.binaries import Binaries
from caseloop.config.embedded.errors import EmbeddedPostgresError
from caseloop.config.embedded.failure import explain
from caseloop.config.embedded.handle import Address

_CREATE = """
SELECT format('CREATE DATABASE %I TEMPLATE template0', :'name')
WHERE NOT EXISTS (SELECT 1 FROM pg_database WHERE datname = :'name') \\gexec
"""
_LIST = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY datname\n"


def create_database(binaries: Binaries, address: Address, name: str) -> None:
    """Make the database unless it is there. Raises EmbeddedPostgresError."""
    if not name or len(name.encode()) > 63 or "\0" in name:  # PostgreSQL would cut a longer name, silently
        raise EmbeddedPostgresError(f"{name!r} cannot name a database: take 1 to 63 bytes.")
    try:
        _psql(binaries, address, _CREATE, name=name)
    except EmbeddedPostgresError as error:
        if "already exists" not in str(error):  # made by somebody else at the same moment
            raise


def list_databases(binaries: Binaries, address: Address) -> list[str]:
    """The names of all databases that hold data of ours."""
    return _psql(binaries, address, _LIST).splitlines()


def dump(binaries: Binaries, address: Address, name: str, file: Path) -> None:
    """Write a database to a file that `restore` reads, of this or a later major version."""
    _run(binaries, address, ["pg_dump", "--format=custom", f"--file={file}", f"--dbname={_quoted(name)}"])


def restore(binaries: Binaries, address: Address, name: str, file: Path) -> None:
    """Fill an empty database from a file that `dump` wrote."""
    command = ["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={_quoted(name)}", str(file)]
    _run(binaries, address, command)


def _psql(binaries: Binaries, address: Address, script: str, **variables: str) -> str:
    command = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "--dbname=postgres"]
    for variable, value in variables.items():
        command += ["-v", f"{variable}={value}"]
    return _run(binaries, address, command, script)


def _run(binaries: Binaries, address: Address, command: list[str], given: str = "") -> str:
    program = binaries.program(command[0])
    done = ourselves().run([program, *command[1:]], given, environment=address.environment())
    if done.returncode != 0:
        raise EmbeddedPostgresError(explain(f"{command[0]} failed", done.stderr, address.socket_directory))
    return done.stdout


def _quoted(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"dbname='{escaped}'"  # a bare name holding "=" would be read as connection settings
