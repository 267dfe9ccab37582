"""What can be wrong with a letter, said so that its author or a representative can mend it?"""


class LetterError(Exception):
    """A letter could not be made; the message says why and what mends it."""


class TemplateError(LetterError):
    """The template itself is wrong: it cannot be saved, nor used for any case."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(f"Line {line}: {message}" if line else message)
        self.line = line


class UnknownField(TemplateError):
    """The template names a field that no case has."""

    def __init__(self, name: str, line: int | None, suggestion: str | None) -> None:
        hint = f" Did you mean “{suggestion}”?" if suggestion else ""
        super().__init__(f"there is no field “{name}”.{hint}", line)
        self.name = name
        self.suggestion = suggestion


class MissingField(LetterError):
    """A field is empty for this case and the template gives no default: a person has to write this letter."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"“{name}” is empty for this case and the template gives no default for it. "
            f"Fill it in, or write the mail by hand."
        )
        self.name = name


class LetterTooLarge(LetterError):
    """The letter, or a value in it, is larger than any letter should be."""
