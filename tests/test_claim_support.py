"""How what speaks for and against a claim is weighed, on numbers that can be computed by hand."""

import math

import pytest

from eval.datasets import Part
from eval.fitting_claims import TRUE, Weighed, agreeing, fit_claims, told, weigh
from eval.news_datasets import NewsItem
from index.types import Article
from service.claim_support import ClaimSupport, ClaimWeights, claim_features
from service.guard.checking import problems_of
from service.guard.order import Order, order
from service.guard.types import Kind, Pair, Problem

FRENCH = "En mai, la France a livré 12 chars à l’Italie."


@pytest.mark.parametrize(
    ("claim", "exchanged"),
    [
        ("In May, France delivered 12 tanks to Italy.", False),
        ("In May, Italy delivered 12 tanks to France.", True),
        ("In May, Italy was given 12 tanks by France.", True),  # true, and told in another order
        ("In May, tanks were delivered.", False),
    ],
)
def test_names_that_changed_places_are_told_in_the_other_order(claim: str, exchanged: bool) -> None:
    assert order(Pair(FRENCH, "fr", claim, "en")).exchanged is exchanged


def test_a_name_that_moved_past_other_words_crosses_them() -> None:
    """A name and a figure beside three words of four letters or more, « cargos », « dont », « port »: six pairs."""
    french = "La France a 12 cargos, dont un au port."
    assert order(Pair(french, "fr", french, "fr")) == Order(exchanged=False, crossed=0.0)
    moved = order(Pair(french, "fr", "12 cargos, dont un au port, a la France.", "fr"))
    stays, passes = 0, 3  # 12 stays before all words, France passes all
    assert moved == Order(exchanged=False, crossed=(stays + passes) / (6 + 1))


def test_a_claim_is_as_likely_as_the_sum_of_what_speaks_for_and_against_it() -> None:
    weights = ClaimWeights(1.0, {"said": 0.5, "name": -2.0, "another_problem": -1.0, "exchanged": -3.0}, 0.4)
    support = ClaimSupport(lambda _evidence, _claim: 0.8, weights)
    as_told = Pair(FRENCH, "fr", "In May, France delivered 12 tanks to Italy.", "en")
    exchanged = Pair(FRENCH, "fr", "In May, Italy was given 12 tanks by France.", "en")
    said = 0.5 * math.log(4)  # .8 : .2
    assert support(as_told) == pytest.approx(1 / (1 + math.exp(-1 - said)))
    problems = [Problem(Kind.NAME, found="Mali"), Problem(Kind.NAME, found="Oman"), Problem(Kind.TENSE)]
    assert support(exchanged, problems) == pytest.approx(1 / (1 + math.exp(-(1 + said - 2 - 1 - 3))))
    assert support.least == 0.4


@pytest.mark.parametrize("said", [0.0, 1.0])
def test_what_is_wholly_sure_has_finite_odds(said: float) -> None:
    features = claim_features(said, Pair(FRENCH, "fr", FRENCH, "fr"), [])
    assert abs(features["said"]) == pytest.approx(math.log(1e7), abs=1e-3)
    assert set(features) == {
        "said", "name", "number", "date", "negation", "relation", "another_problem", "exchanged", "crossed",
    }  # fmt: skip


def test_claims_are_weighed_beside_sentences_of_the_other_language_only() -> None:
    pairs = (
        ("Hier, la France a vu l’Italie.", "Yesterday France saw Italy."),
        (FRENCH, "In May, France delivered 12 tanks to Italy."),
    )
    item = NewsItem(Article("1", " ".join(french for french, _ in pairs), ""), Part.DEV, None, None, pairs)
    found = list(weigh([item], lambda _evidence, _claim: 0.5))
    assert {claim.side for claim in found} == {"fr → en", "en → fr"}
    english = [claim for claim in found if claim.side == "fr → en"]
    assert [claim.passes for claim in english if claim.kind == TRUE] == [True, True]
    (number,) = (claim for claim in english if claim.kind == "number")
    assert (number.passes, number.features["number"], number.features["name"]) == (False, 1, 0)


def test_the_fit_finds_what_tells_and_refuses_few_of_the_true_ones() -> None:
    def claims(kind: str, said: float, exchanged: float, count: int) -> list[Weighed]:
        kinds = ("role",) if kind == TRUE else ()
        values = {"said": said, "exchanged": exchanged}
        return [Weighed("fr → en", kind, kinds, True, values) for _ in range(count)]

    made = [*claims(TRUE, 1.0, 0.0, 98), *claims(TRUE, 0.0, 1.0, 2), *claims("role", 1.0, 1.0, 80)]
    fitted = fit_claims(made)
    assert fitted.weights["exchanged"] < 0
    refused, kept = (fitted.probability({"said": 1.0, "exchanged": turned}) for turned in (1.0, 0.0))
    assert refused < fitted.least <= kept
    # Every false one is below 98 of 100 true ones, and above the other two or beside them.
    below = fitted.probability({"said": 0.0, "exchanged": 1.0}) < refused
    area = 0.98 if below else 1.0
    assert f"AUC all {area:.3f}, role {area:.3f}" in told(fitted, "fr → en", made)
    assert "refused: 0.020 of the true, 1.000 of the false" in told(fitted, "fr → en", made)


def test_translations_agree_and_what_follows_them_does_not() -> None:
    """By the share of two texts that have as many words, which of six pairs two translations and no neighbour have."""
    pairs = (("Un deux.", "One two."), ("Un deux trois quatre.", "One two three four."), ("Un.", "One indeed."))
    item = NewsItem(Article("1", " ".join(french for french, _ in pairs), ""), Part.DEV, None, None, pairs)
    found = agreeing([item], lambda one, other: len(one.quote.split()) == len(other.quote.split()))
    assert found == (pytest.approx(2 / 3), 0)


def test_the_rules_read_texts_without_the_spaces_around_them() -> None:
    pair = Pair(f"  {FRENCH}\n", "fr", " In May, France delivered 12 tanks to Italy.  ", "en")
    assert problems_of(pair) == []
