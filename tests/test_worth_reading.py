"""Which of the candidates are read."""

from index.types import Passage, Span
from service.retrieval import Candidate, worth_reading


def _found(*scores: float) -> list[Candidate]:
    return [Candidate(Passage(f"p{n}", "a", Span(0, 1), ".", ()), score, 0.0) for n, score in enumerate(scores)]


def test_what_is_near_the_best_is_read_six_passages_at_most() -> None:
    found = _found(1.7, 1.69, 1.65, 1.63, 1.6)
    assert worth_reading(found) == found[:4]
    many = _found(*[1.7] * 9)
    assert worth_reading(many) == many[:6]


def test_two_are_read_however_far_the_second_is() -> None:
    found = _found(1.7, 1.2, 1.1)
    assert worth_reading(found) == found[:2]
    assert worth_reading(found[:1]) == found[:1]
    assert worth_reading([]) == []
