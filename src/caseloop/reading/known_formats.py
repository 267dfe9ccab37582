"""Is this one of the report formats of old mail servers that a library knows by heart?"""

import email
import email.errors
import email.policy
import logging

_MAX_BYTES = 100_000


def failures_in_known_formats(raw: bytes) -> tuple[str, ...]:
    """The failed addresses that flufl.bounce finds in `raw`, as written; empty where it knows no format."""
    from flufl.bounce import all_failures

    # It logs each detector that stumbles over damaged mail with a traceback: nothing an operator could act on.
    logging.getLogger("flufl.bounce").disabled = True

    try:
        message = email.message_from_bytes(raw[:_MAX_BYTES], policy=email.policy.compat32)
        temporary, permanent = all_failures(message)
    except (
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        AssertionError,
        RecursionError,
        email.errors.MessageError,
    ):
        # The library walks damaged parts without a guard; what it cannot read, our own rules have read before.
        return ()
    found = (address.decode("utf-8", "replace") for address in sorted(permanent | temporary))
    return tuple(address for address in found if "@" in address)
