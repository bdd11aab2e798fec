"""The address of a page in one form, so that two spellings of it are one page.

Source: RFC 3986, section 6.2.2 and 6.2.3; hosts as in UTS 46 without transitional mapping. Nothing that a
server could tell apart is changed: neither the query's order nor empty path segments.
"""

import re
import unicodedata
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, urljoin, urlsplit, urlunsplit

from census.domain.errors import InvalidInputError

MAX_URL_LENGTH = 2_000
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LABEL_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNWANTED = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ud800-\udfff]")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PATH_SAFE = "/:@!$&'()*+,;=~%"
_QUERY_SAFE = _PATH_SAFE + "?"


class PageUrlError(InvalidInputError):
    """This is no address of a page; the message completes the sentence "the URL …"."""


def normalize_page_url(text: str) -> str:
    """The URL in its one form, ASCII, without fragment. Doing it twice changes nothing.

    Raises PageUrlError for anything but http and https, for credentials, for hosts no name or plain address,
    and for more than 2,000 characters.
    """
    stripped = text.strip()
    if len(stripped) > MAX_URL_LENGTH:
        raise PageUrlError(f"must not be longer than {MAX_URL_LENGTH:,} characters")
    if _UNWANTED.search(stripped):
        raise PageUrlError("must not hold spaces, control characters or backslashes; write %20 for a space")
    parts = _split(stripped)
    path = _without_dots(_escaped(parts.path, _PATH_SAFE))
    query = _escaped(parts.query, _QUERY_SAFE)
    url = urlunsplit((parts.scheme, _authority(parts), path, query, ""))
    if len(url) > MAX_URL_LENGTH:
        raise PageUrlError(f"must not be longer than {MAX_URL_LENGTH:,} characters once it is escaped")
    return url


def resolve_link(base: str, reference: str) -> str | None:
    """The page a link in the page `base` leads to; None where it leads to no page."""
    try:
        return normalize_page_url(urljoin(base, _UNWANTED.sub("", reference.strip())))
    except (PageUrlError, ValueError):
        return None


def origin_of(url: str) -> str:
    """Scheme, host and port of a normalised URL: what shares a robots.txt."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def host_of(url: str) -> str:
    """The host of a normalised URL, without the port."""
    return urlsplit(url).hostname or ""


def file_name_of(url: str) -> str:
    """The last segment of the path, which tells about the page's format; at most 255 characters."""
    return urlsplit(url).path.rpartition("/")[2][-255:] or "page"


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  # reading it checks it
    except ValueError as error:
        raise PageUrlError(f"cannot be read: {str(error)[:100]}") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise PageUrlError("must begin with http:// or https://")
    if "@" in parts.netloc:
        raise PageUrlError("must not hold a user name or password")
    return parts


def _authority(parts: SplitResult) -> str:
    host = _host(parts.hostname or "")
    if parts.port == 0:
        raise PageUrlError("must not name the port 0")
    port = "" if parts.port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    return host + port


def _host(raw: str) -> str:
    if ":" in raw:
        return _ipv6(raw)
    name = unicodedata.normalize("NFKC", raw.translate(_LABEL_DOTS).lower()).translate(_LABEL_DOTS)
    labels = [_label(label) for label in name.removesuffix(".").split(".")]
    host = ".".join(labels)
    if len(host) > 253:
        raise PageUrlError("has a host longer than 253 characters")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(host)
    return host


def _label(label: str) -> str:
    ascii_label = label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
    if not _LABEL.fullmatch(ascii_label):
        raise PageUrlError("has no valid host name")
    return ascii_label


def _ipv4(host: str) -> str:
    """Only four plain decimals: other spellings mean another address to each reader."""
    try:
        return str(IPv4Address(host))
    except AddressValueError:
        raise PageUrlError("names its host by a number that is no plain IPv4 address") from None


def _ipv6(raw: str) -> str:
    try:
        address = IPv6Address(raw)
    except AddressValueError:
        raise PageUrlError("has no valid IPv6 address as its host") from None
    if address.scope_id is not None:
        raise PageUrlError("must not name a network interface in its host")
    return f"[{address.compressed}]"


def _escaped(text: str, safe: str) -> str:
    """Percent-encoding in capitals, only where needed; a stray % becomes %25."""
    mended = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", text)
    return _ESCAPE.sub(_one_escape, quote(mended, safe=safe))


def _one_escape(match: re.Match[str]) -> str:
    character = chr(int(match.group(1), 16))
    return character if character in _UNRESERVED else match.group(0).upper()


def _without_dots(path: str) -> str:
    """RFC 3986, section 5.2.4, for a path that is empty or absolute."""
    segments = path.split("/")[1:]
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
