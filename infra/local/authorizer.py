"""Plays the API's JWT authorizer on one machine: development tokens instead of signed ones. Pure."""

from __future__ import annotations

import re

ISSUER = "https://local.census"
TOKEN = re.compile(r"Bearer dev-([A-Za-z0-9._-]+)(?:@([A-Za-z0-9._-]+))?", re.IGNORECASE)


class UnauthorizedError(Exception):
    """The token is none that this authorizer gives claims for."""


def claims(authorization: str | None) -> dict[str, str]:
    """The claims behind an Authorization header.

    `Bearer dev-alice` is alice in tenant alice, `Bearer dev-alice@acme` alice in tenant acme; without the
    header both are `local`. Raises UnauthorizedError for anything else.
    """
    if authorization is None:
        return {"iss": ISSUER, "sub": "local", "tenant": "local"}
    match = TOKEN.fullmatch(authorization.strip())
    if match is None:
        raise UnauthorizedError(authorization[:20])
    user, tenant = match[1], match[2] or match[1]
    return {"iss": ISSUER, "sub": user, "tenant": tenant}
