"""Which errors does the core raise? All of them descend from one class, and each says what to do about it."""


class DomainError(Exception):
    """Something handed to the core makes no sense; the text is a sentence that can be shown to a person."""
