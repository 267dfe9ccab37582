"""What went wrong with the embedded PostgreSQL, and what should the reader do about it?"""


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot do what was asked; the text is one clear sentence with a way out."""
