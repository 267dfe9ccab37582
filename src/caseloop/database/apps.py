from django.apps import AppConfig


class DatabaseConfig(AppConfig):
    name = "caseloop.database"
    label = "database"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from caseloop.database import lookups  # noqa: F401 - registers itself
        from caseloop.database.arrays import write_arrays_fast
        from caseloop.database.timestamps import read_timestamps_fast

        connection_created.connect(read_timestamps_fast, dispatch_uid="read_timestamps_fast")
        connection_created.connect(write_arrays_fast, dispatch_uid="write_arrays_fast")
