"""A multipart form as a browser sends it to a presigned POST."""

from collections.abc import Mapping


def form(fields: Mapping[str, str], content: bytes, filename: str = "file.txt") -> tuple[bytes, str]:
    """Body and Content-Type; the file comes last. A field with an empty value is left out."""
    boundary = "census-test-boundary"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
        if value
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'.encode()
    )
    body = b"".join([*parts, head, content, f"\r\n--{boundary}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={boundary}"
