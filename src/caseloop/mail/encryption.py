"""How is a connection to a mail server encrypted?"""

from enum import StrEnum


class Security(StrEnum):
    """What the settings of a mailbox ask for; a server that offers less is not talked to."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"
