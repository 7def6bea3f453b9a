"""Sentences of quotations that go over several."""

import pytest

from service.quotations import whole


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Elle compte 500 militaires.", "Elle compte 500 militaires."),
        ("« Nous restons », a-t-il dit.", "« Nous restons », a-t-il dit."),
        ("« Le président a demandé plus.", "« Le président a demandé plus. »"),
        ("Les alliés doivent venir », a-t-il insisté.", "« Les alliés doivent venir », a-t-il insisté."),
        ("Il dit : « Nous restons, et “partir” est exclu.", "Il dit : « Nous restons, et “partir” est exclu. »"),
        ("“We stay.", "“We stay.”"),
        ("We stay,” he said.", "“We stay,” he said."),
        ("“We « stay.", "“We « stay. »”"),
        ('"We stay.', '"We stay.'),  # one mark for both ends does not tell which it is
        ("", ""),
    ],
)
def test_the_marks_that_a_sentence_lacks_are_added(sentence: str, expected: str) -> None:
    assert whole(sentence) == expected
