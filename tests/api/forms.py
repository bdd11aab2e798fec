"""Presigned forms, posted the way a browser posts them."""

import urllib.request
import uuid
from collections.abc import Mapping


def post_form(url: str, fields: Mapping[str, str], content: bytes) -> int:
    """Posts the fields and then the file; the status. Raises HTTPError when the store refuses."""
    boundary = uuid.uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'.encode()
    body = b"".join([*parts, head, content, f"\r\n--{boundary}--\r\n".encode()])
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=60) as answer:
        return int(answer.status)
