"""Data folders for the embedded PostgreSQL: an empty one, and one that holds a cluster already."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from caseloop.config.embedded import EmbeddedPostgres
from tests.config.embedded.trial import copy
from tests.postgres import fast_folder


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user may pass through (pytest's own are closed to the server's user under root)."""
    folder = Path(tempfile.mkdtemp(prefix="caseloop-test-", dir=fast_folder()))
    folder.chmod(0o711)
    yield folder
    for cluster in list(folder.rglob("cluster")):
        EmbeddedPostgres(cluster.parent).destroy()
    shutil.rmtree(folder)


@pytest.fixture
def new_dir(place: Path) -> Path:
    """A data folder that is not there yet."""
    return place / "data"


@pytest.fixture(scope="session")
def pristine() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="caseloop-test-", dir=fast_folder()))
    folder.chmod(0o711)
    with EmbeddedPostgres(folder / "data", durable=False) as postgres:
        pass
    yield folder / "data"
    postgres.destroy()
    folder.rmdir()


@pytest.fixture
def data_dir(place: Path, pristine: Path) -> Path:
    """A data folder whose server has run before and was stopped."""
    copy(pristine, place / "data")
    return place / "data"


@pytest.fixture
def postgres(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    """A server that runs."""
    with EmbeddedPostgres(data_dir, durable=False) as running:
        yield running
