"""Two texts word by word: only what differs is marked, and nothing is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.worddiff import Piece, word_diff

TEXTS = st.text(alphabet="ab ,.:()é\n", max_size=40)


def said(old: str, new: str) -> str:
    """Write a difference on one line: [-gone-] and {+new+}."""
    marks = {"same": "{}", "gone": "[-{}-]", "new": "{{+{}+}}"}
    return "".join(marks[piece.kind].format(piece.text) for piece in word_diff(old, new))


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("", "", ""),
        ("a fox", "a fox", "a fox"),
        ("", "a fox", "{+a fox+}"),
        ("a fox", "", "[-a fox-]"),
        ("cinematic, soft", "cinematic, hard", "cinematic,[- soft-]{+ hard+}"),
        ("cinematic", "cinematic, hard", "cinematic{+, hard+}"),
        ("a red fox", "a fox", "a[- red-] fox"),
        ("soft light", "soft, light", "soft{+,+} light"),
        ("(soft)", "(hard)", "([-soft-]{+hard+})"),
        ("a fox.", "a cat.", "a[- fox-]{+ cat+}."),
        ("85mm, f/2", "85mm, f/2.8", "85mm,[- f/2-]{+ f/2.8+}"),
        ("at 16:9: wide", "at 4:3: wide", "at[- 16:9-]{+ 4:3+}: wide"),
        ("don't blink", "don't wink", "don't[- blink-]{+ wink+}"),
        ("Fox", "fox", "[-Fox-]{+fox+}"),
        ("a  fox ", "a fox", "a fox"),
        ("a fox ...", "a fox", "a fox[- ...-]"),
        ("un renard", "un cafe\u0301", "un[- renard-]{+ cafe\u0301+}"),
    ],
)
def test_only_what_differs_is_marked(old: str, new: str, wanted: str) -> None:
    assert said(old, new) == wanted


def test_a_word_is_gone_before_another_is_new() -> None:
    assert word_diff("red", "blue") == (Piece("red", "gone"), Piece("blue", "new"))


@given(TEXTS, TEXTS)
def test_nothing_is_lost(old: str, new: str) -> None:
    pieces = word_diff(old, new)
    kept = "".join(piece.text for piece in pieces if piece.kind != "gone")
    was = "".join(piece.text for piece in pieces if piece.kind != "new")
    assert kept == new.rstrip()
    assert "".join(was.split()) == "".join(old.split())
    assert all(piece.text for piece in pieces)


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert all(piece.kind == "same" for piece in word_diff(text, text))
