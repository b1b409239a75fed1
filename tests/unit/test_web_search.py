"""What is looked for in what stands there: words, excerpts and what is marked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.spine.search import Entry, Found, words_of
from shared.web.search import hits


def found(title: str, words: str = "", q: str = "") -> tuple[list, list]:
    entry = Entry("request-1", "ela", "requests.read", "request", title, words, "/requests/request-1")
    (hit,) = hits(Found([entry], 1), q)
    return list(hit.title), list(hit.excerpt)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("  two words ", ["two", "words"]),
        ('"-not" $regex (or)', ["not", "regex", "or"]),
        ("обучение Ελλάδα", ["обучение", "Ελλάδα"]),
        ("a a a", ["a"]),
        ("-$()", []),
    ],
)
def test_only_words_are_looked_for(typed, words):
    assert words_of(typed) == words


def test_a_word_is_marked_whatever_its_accents():
    title, _ = found("Le détachement, et après", q="DETACHEMENT")
    assert title == [("Le ", False), ("détachement", True), (", et après", False)]


def test_the_excerpt_is_around_the_first_word_found():
    _, excerpt = found("x", "one " * 100 + "needle " + "two " * 100, q="needle")
    text = "".join(part for part, _hit in excerpt)
    assert ("needle", True) in excerpt
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert len(text) < 320


@given(st.text(max_size=300), st.text(max_size=40))
def test_nothing_is_lost_or_added(text, typed):
    title, excerpt = found(text, text, typed)
    assert "".join(part for part, _hit in title) == text
    assert len("".join(part for part, _hit in excerpt)) <= len(text) + 4
