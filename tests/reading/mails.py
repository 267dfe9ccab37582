"""Mails made for tests: a header and a body, as bytes."""


def mail(body: str = "", /, content_type: str = "text/plain; charset=utf-8", **headers: str) -> bytes:
    """A mail with a usual header; `headers` (underscores for hyphens) replace or add fields, None-like "" removes one."""
    fields = {
        "From": "Ana Ruiz <ana@customer.example>",
        "To": "Support <help@contoso.example>",
        "Subject": "Re: Coffee machine leaks [CAS-01042-K7]",
        "Date": "Tue, 03 Mar 2026 10:00:00 +0100",
        "Message-ID": "<answer-1@customer.example>",
        "MIME-Version": "1.0",
        "Content-Type": content_type,
    }
    for name, value in headers.items():
        fields[name.replace("_", "-")] = value
    head = "".join(f"{name}: {value}\n" for name, value in fields.items() if value)
    return f"{head}\n{body}".encode()


def multipart(kind: str, *parts: tuple[str, str], boundary: str = "cut-here") -> tuple[str, str]:
    """The content type and body of a multipart mail of `(content type, body)` parts."""
    pieces = "".join(f"--{boundary}\nContent-Type: {type_}\n\n{body}\n" for type_, body in parts)
    return f"{kind}; boundary={boundary}", f"{pieces}--{boundary}--\n"
