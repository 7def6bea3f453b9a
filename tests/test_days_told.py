"""Which days of a sentence are told with their date: those on which it says that something was done, and no other."""

import pytest

from index.dates import PublishedDate
from service.guard.dates import resolve
from service.guard.words import text_of

THURSDAY = PublishedDate("2023-03-16")  # so that the Monday before is the 13th, and the Sunday the 12th


def _told(said: str, lang: str) -> list[str]:
    return [day.isoformat() for _, day in resolve(text_of(said, lang), THURSDAY)]


@pytest.mark.parametrize(
    "said",
    [
        "Le procès s’ouvre lundi à Paris.",
        "Les électeurs votent dimanche.",
        "Le conseil se réunit samedi.",
        "La loi entre en vigueur lundi.",
        "Rendez-vous samedi à 14 heures.",
        "Le texte est examiné lundi en commission.",
        "Le ministre est reçu mardi à Matignon.",
        "Le concert organisé samedi est complet.",
        "Une marche blanche est organisée dimanche à Lyon.",
        "Lundi, le tribunal juge l’homme qui a volé le tableau.",
        "Samedi, les Bleus affrontent l’Italie, qui a perdu.",
        "L’homme qui a tué sa femme comparaît lundi.",
        "Le film qui a gagné la Palme d’or sort mercredi.",
        "Les députés, qui ont débattu toute la nuit, votent lundi.",
        "Le procès, a annoncé le parquet, s’ouvre lundi.",
        "Lundi, a annoncé le parquet, le procès reprend.",
    ],
)
def test_a_present_may_be_of_a_day_to_come_in_french(said: str) -> None:
    assert _told(said, "fr") == []


@pytest.mark.parametrize(
    "said",
    [
        "Le parquet a annoncé que le procès s’ouvrirait lundi.",
        "Le parquet a annoncé que le procès s’ouvrait lundi.",
        "La ministre devait s’exprimer lundi.",
        "Il avait prévu de partir lundi.",
        "Elle a promis de le recevoir lundi.",
        "Il a convoqué une réunion lundi.",
        "Il a été invité lundi à Berlin.",
        "Le syndicat a appelé à manifester samedi.",
        "La grève a été reconduite jusqu’à lundi.",
        "Le match a été reporté à dimanche.",
        "Les magasins ont été autorisés à ouvrir dimanche.",
    ],
)
def test_what_was_planned_has_not_been_done_on_its_day_in_french(said: str) -> None:
    assert _told(said, "fr") == []


@pytest.mark.parametrize(
    "said",
    [
        "The trial opens Monday.",
        "Polls open Sunday.",
        "The deadline is Friday.",
        "Ahead of Sunday’s election, prices rose.",
        "The case is heard Monday.",
        "Voters cast ballots Sunday.",
        "The man accused of killing his wife appears in court Monday.",
        "The film directed by Spielberg opens Friday.",
        "The party that won the vote takes office Monday.",
        "Candidates elected in June take office Monday.",
        "On Monday, the man accused of murder appears in court.",
        "On Monday the court hears the man who killed two people.",
        "The minister said the trial would open Monday.",
        "The officials said the deadline was Friday.",
        "The strike was extended until Friday.",
        "The vote was scheduled for Sunday.",
        "The talks were due to resume Monday.",
        "He agreed to meet them Monday.",
        "He called a meeting Monday.",
        "He was leaving Monday.",
    ],
)
def test_what_is_planned_or_told_in_the_present_has_not_been_done_in_english(said: str) -> None:
    assert _told(said, "en") == []


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Le procès s’est ouvert lundi à Paris.", "13"),
        ("Les électeurs ont voté dimanche.", "12"),
        ("Il n’a pas voté dimanche.", "12"),
        ("La loi est entrée en vigueur lundi.", "13"),
        ("Il mourut lundi à Rome.", "13"),
        ("La route était fermée mardi.", "14"),
        ("Trois hommes ont été arrêtés à Lyon lundi.", "13"),
        ("Il a été placé en garde à vue vendredi.", "10"),
        ("Il a quitté, mardi, la réunion.", "14"),
        ("Ils ont mardi quitté la réunion.", "14"),
        ("Mardi, la ville a élu son maire.", "14"),
        ("Mardi, elle s’est dite déçue.", "14"),
        ("L’acteur, mort lundi à 80 ans, était né à Lyon.", "13"),
        ("Le trafic est interrompu depuis mardi.", "14"),
        ("Le ministre a dit lundi qu’il partirait dimanche.", "13"),
    ],
)
def test_a_day_on_which_something_was_done_is_told_in_french(said: str, day: str) -> None:
    assert _told(said, "fr") == [f"2023-03-{day}"]


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("Le feu a été éteint dans la nuit de lundi à mardi.", ["13", "14"]),
        ("Le taux est tombé à 31 % mercredi, contre 38 % lundi.", ["15", "13"]),
    ],
)
def test_a_night_and_what_is_compared_belong_to_the_same_verb(said: str, days: list[str]) -> None:
    assert _told(said, "fr") == [f"2023-03-{day}" for day in days]


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("The trial opened Monday.", "13"),
        ("Voters went to the polls on Sunday.", "12"),
        ("Police arrested two men in Paris on Monday.", "13"),
        ("He died in hospital on Monday.", "13"),
        ("The road was closed Tuesday.", "14"),
        ("On Monday, the court rejected the appeal.", "13"),
        ("A judge on Friday sentenced him to four years.", "10"),
        ("The road has been shut since Monday.", "13"),
        ("The minister said on Tuesday that polls open Sunday.", "14"),
        ("He told reporters Monday that he would leave.", "13"),
        ("Thousands protested in Paris on Sunday.", "12"),
    ],
)
def test_a_day_on_which_something_was_done_is_told_in_english(said: str, day: str) -> None:
    assert _told(said, "en") == [f"2023-03-{day}"]


@pytest.mark.parametrize(
    ("said", "lang", "days"),
    [
        ("“We will leave tomorrow,” he said on Monday.", "en", ["13"]),  # it was the 14th, not the 17th
        ("He said on Monday: “We will leave tomorrow.”", "en", ["13"]),
        ("« Nous partirons demain », a-t-il dit lundi.", "fr", ["13"]),
        ("« Hier, nous avons gagné », a-t-il écrit le 3 mars.", "fr", []),
        ("« Nous partirons demain », a-t-il dit hier.", "fr", ["15"]),
        ("« La réunion de mardi est pour demain », a-t-il dit.", "fr", []),
        ("« Nous partirons demain », a-t-il dit jeudi.", "fr", ["17", "16"]),  # on the day of publication
        ("« Nous partirons demain », a-t-il dit.", "fr", ["17"]),
        ("Il a dit lundi qu’il partirait demain.", "fr", ["17", "13"]),  # in the words of who writes
        ("Demain, a-t-il dit, « tout sera fini ».", "fr", ["17"]),
    ],
)
def test_a_quoted_tomorrow_is_counted_from_the_day_on_which_it_was_said(said: str, lang: str, days: list[str]) -> None:
    assert _told(said, lang) == [f"2023-03-{day}" for day in days]
