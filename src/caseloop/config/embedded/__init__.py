"""How does Caseloop run a PostgreSQL of its own, with nothing to install?

    with EmbeddedPostgres(data_dir) as postgres:    # the supervisor: `caseloop demo`, `caseloop serve --all`
        connect(postgres.url())

    attach(data_dir)                                # everybody else: the URL, or None when no server is ready

The supervisor owns the server, which ends with it. The data folder holds `cluster` (or a link to it),
`password`, `connection.json`, `postgres.log` and `lock`. Nothing in here needs Django or a database driver.
"""

from caseloop.config.embedded.errors import EmbeddedPostgresError
from caseloop.config.embedded.handle import attach
from caseloop.config.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "attach"]
