"""How do the data of one PostgreSQL major version come into the next one?

    python -m caseloop.config.embedded dump DATA_DIR BACKUP       with the Caseloop that made the data
    python -m caseloop.config.embedded restore DATA_DIR BACKUP    with the new one

The new one can do the first step too while its wheel still has the old version's programs. The old cluster
stays beside the new one, as `cluster-17` say, until somebody removes it.
"""

from pathlib import Path
from urllib.parse import quote, unquote

from caseloop.config.embedded.binaries import MAJOR
from caseloop.config.embedded.cluster import major_version_of, remove_cluster
from caseloop.config.embedded.errors import EmbeddedPostgresError
from caseloop.config.embedded.lock import lock_folder
from caseloop.config.embedded.server import EmbeddedPostgres


def dump(data_dir: Path, backup: Path) -> None:
    """Write every database of the folder to `backup`, a new folder, with the version that made them.

    Raises EmbeddedPostgresError when that version's programs are not here, or `backup` holds something
    already.
    """
    made_by = major_version_of(data_dir / "cluster")
    if made_by is None:
        raise EmbeddedPostgresError(f"There is no database in {data_dir}: name the folder that holds `cluster`.")
    backup.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(backup.iterdir()):
        raise EmbeddedPostgresError(f"{backup} is not empty: name a new folder for the backup.")
    with EmbeddedPostgres(data_dir, major=made_by) as postgres:
        for name in postgres.list_databases():
            postgres.dump(name, backup / f"{quote(name, safe='')}.dump")


def restore(data_dir: Path, backup: Path) -> None:
    """Put the old cluster aside, make a new one, and fill it from `backup`; all of it or nothing.

    Raises EmbeddedPostgresError when the data are of this version already, or `backup` holds no dump.
    """
    made_by = major_version_of(data_dir / "cluster")
    dumps = sorted(backup.glob("*.dump"))
    if not dumps:
        raise EmbeddedPostgresError(f"There is no dump in {backup}: make one first, with the `dump` command.")
    if made_by in (None, MAJOR):
        raise EmbeddedPostgresError(f"{data_dir} holds no data of another version than {MAJOR}: nothing to upgrade.")
    old, kept = data_dir / "cluster", data_dir / f"cluster-{made_by}"
    _move(old, kept, data_dir)
    try:
        _fill_new_cluster(data_dir, dumps)
    except BaseException:
        remove_cluster(old)
        _move(kept, old, data_dir)
        raise


def _move(source: Path, target: Path, data_dir: Path) -> None:
    if target.exists():
        raise EmbeddedPostgresError(f"{target} is in the way: move it elsewhere.")
    lock = lock_folder(data_dir)
    source.rename(target)
    lock.release()


def _fill_new_cluster(data_dir: Path, dumps: list[Path]) -> None:
    with EmbeddedPostgres(data_dir) as postgres:
        for file in dumps:
            name = unquote(file.stem)
            postgres.create_database(name)
            postgres.restore(name, file)
