"""One URL, one form: the same page spelt two ways is one page, and what is no page is refused."""

import string

import idna
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from census.domain.page_urls import MAX_URL_LENGTH, PageUrlError, host_of, normalize_page_url, resolve_link

SAME = [
    ("HTTP://Example.COM", "http://example.com/"),
    ("https://example.com:443/a", "https://example.com/a"),
    ("http://example.com:80", "http://example.com/"),
    ("http://example.com:8080/", "http://example.com:8080/"),
    ("http://example.com./", "http://example.com/"),
    ("http://example.com/#part", "http://example.com/"),
    ("http://example.com/?", "http://example.com/"),
    ("http://example.com/a/../b/./c", "http://example.com/b/c"),
    ("http://example.com/a/%2E%2e/b", "http://example.com/b"),
    ("http://example.com/../../a/..", "http://example.com/"),
    ("http://example.com/%7euser/%e4", "http://example.com/~user/%E4"),
    ("http://example.com/100%", "http://example.com/100%25"),
    ("http://example.com/ü?q=ö", "http://example.com/%C3%BC?q=%C3%B6"),
    ("  http://example.com/a\n", "http://example.com/a"),
    ("https://straße.example/", "https://xn--strae-oqa.example/"),
    ("https://BÜCHER。example/", "https://xn--bcher-kva.example/"),
    ("http://①②⑦.0.0.1/", "http://127.0.0.1/"),
    ("http://[2001:DB8:0:0::1]/", "http://[2001:db8::1]/"),
]
DIFFERENT = [
    ("http://example.com/a//b", "http://example.com/a/b"),
    ("http://example.com/a?x=1&y=2", "http://example.com/a?y=2&x=1"),
    ("http://example.com/a%2Fb", "http://example.com/a/b"),
    ("http://example.com/A", "http://example.com/a"),
    ("http://example.com/a", "https://example.com/a"),
]
REFUSED = [
    *("", "example.com", "/a", "//example.com/", "ftp://example.com/", "file:///etc/passwd", "javascript:1"),
    *("http://", "http:///a", "http://user@example.com/", "http://user:word@example.com/", "http://@h/"),
    *("http://exa mple.com/", "http://example.com/a b", "http://example.com\\@127.0.0.1/", "http://a\x00b/"),
    *(
        "http://0x7f.0.0.1/",
        "http://0177.0.0.1/",
        "http://2130706433/",
        "http://127.1/",
        "http://0x7f000001/",
    ),
    *("http://1.2.3.4.5/", "http://256.1.1.1/", "http://127.0.0.1.0x10/", "http://example.com:99999/"),
    *("http://example.com:x/", "http://example.com:0/", "http://[::1/", "http://[fe80::1%25eth0]/"),
    *("http://[not-v6]/", "http://-a.example/", "http://a..example/", f"http://{'a' * 64}.example/"),
    *(
        "http://%31%32%37.0.0.1/",
        "http://a\ud800.example/",
        "http://a.example/\udfff",
        "http://" + "a." * 130,
    ),
]


@pytest.mark.parametrize(("spelt", "normal"), SAME)
def test_spellings_of_a_url_have_one_form(spelt: str, normal: str) -> None:
    assert normalize_page_url(spelt) == normal


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_a_server_can_tell_apart_stays_apart(one: str, other: str) -> None:
    assert normalize_page_url(one) != normalize_page_url(other)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_page_is_refused(text: str) -> None:
    with pytest.raises(PageUrlError):
        normalize_page_url(text)


def test_a_url_may_have_two_thousand_characters_once_it_is_escaped() -> None:
    base = "http://example.com/"

    assert len(normalize_page_url(base + "a" * (MAX_URL_LENGTH - len(base)))) == MAX_URL_LENGTH
    for longer in ("a" * MAX_URL_LENGTH, "ü" * 400):
        with pytest.raises(PageUrlError, match="2,000"):
            normalize_page_url(base + longer)


@given(st.text(max_size=60))
def test_any_text_is_refused_or_stable_after_one_step(text: str) -> None:
    for spelt in (text, f"http://{text}", f"http://example.com/{text}", f"http://example.com/?{text}"):
        try:
            once = normalize_page_url(spelt)
        except PageUrlError:
            continue
        assert normalize_page_url(once) == once
        assert once.isascii()
        assert "#" not in once
        assert "@" not in once.split("/")[2]
        assert len(once) <= MAX_URL_LENGTH


@given(st.text(string.ascii_lowercase + "äöüßéñλжあ漢", min_size=1, max_size=20))
def test_international_names_are_those_of_the_idna_package(label: str) -> None:
    try:
        expected = idna.encode(f"{label}.example", uts46=True).decode("ascii")
    except idna.IDNAError:
        assume(False)

    assert host_of(normalize_page_url(f"http://{label}.example/")) == expected


@pytest.mark.parametrize(
    ("reference", "page"),
    [
        ("b", "http://example.com/a/b"),
        ("../b", "http://example.com/b"),
        ("//other.example/x", "http://other.example/x"),
        ("?q=1", "http://example.com/a/c?q=1"),
        (" \n b ", "http://example.com/a/b"),
        ("#here", "http://example.com/a/c"),
    ],
)
def test_links_are_resolved_as_browsers_do(reference: str, page: str) -> None:
    assert resolve_link("http://example.com/a/c", reference) == page


@pytest.mark.parametrize(
    "reference", ["mailto:a@b.example", "javascript:void(0)", "http://[", "tel:1", "data:,x"]
)
def test_a_link_to_no_page_is_none(reference: str) -> None:
    assert resolve_link("http://example.com/", reference) is None


@given(st.text(max_size=40))
def test_any_link_is_a_page_or_none(reference: str) -> None:
    found = resolve_link("http://example.com/a/", reference)

    assert found is None or normalize_page_url(found) == found
