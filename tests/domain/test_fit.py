"""A fit in words."""

from domain.fit import explained

FOX = {"fit": 0.5, "fit_subject": 0.29, "fit_environment": 0.1, "fit_word:snow": -0.2}
OTHER = {"fit": 0.4, "fit_subject": 0.2, "fit_environment": 0.3}


def test_what_was_not_measured_is_not_explained() -> None:
    assert explained({"sharpness_p90": 3.0}) == ""


def test_segments_the_best_of_a_run_and_weak_words_are_named() -> None:
    said = explained(FOX, [FOX, OTHER, OTHER, OTHER])
    assert said == "subject 0.29, best of 4; environment 0.10; weak: snow"


def test_a_picture_alone_is_not_the_best_of_one() -> None:
    assert explained(OTHER, [OTHER]) == "subject 0.20; environment 0.30"


def test_a_brief_of_its_own_has_one_figure() -> None:
    assert explained({"fit": 0.31}, [{"fit": 0.31}, {"fit": 0.2}]) == "fit 0.31, best of 2"


def test_a_forbidden_thing_that_may_be_there_is_named() -> None:
    scores = OTHER | {"fit_present:people": 0.2, "fit_present:text": 0.01}
    assert explained(scores).endswith("perhaps there: people")


def test_three_weak_words_at_most_weakest_first() -> None:
    scores = OTHER | {f"fit_word:{word}": -at / 10 for at, word in enumerate("abcde")}
    assert explained(scores).endswith("weak: e, d, c")
