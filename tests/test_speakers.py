"""Who « il » and "she" are, told after the quotation where the article says it just before."""

import pytest

from index.dates import PublishedDate
from index.types import Article, Passage, Span
from service.answering import Quoting
from service.composing import assemble, compose, outline
from service.speakers import Speaker, speaker
from service.types import Evidence, Lang
from service.verification import verified, verify_citations, verify_whole

STOLTENBERG = "Le secrétaire général de l’OTAN, Jens Stoltenberg, a déclaré que la mission passerait à 4000 personnes."


def _article(*sentences: str, lang: str = "fr", published: str | None = None) -> Article:
    date = PublishedDate(published) if published else None
    return Article("a", " ".join(sentences), "Titre", date, source="AFP", lang=lang)


def _speaker(*sentences: str, lang: str = "fr") -> Speaker | None:
    article = _article(*sentences, lang=lang)
    return speaker(article, Span(article.text.rindex(sentences[-1]), len(article.text)))


@pytest.mark.parametrize(
    ("before", "name"),
    [
        (STOLTENBERG, "Le secrétaire général de l’OTAN, Jens Stoltenberg"),
        ("« Oui », a annoncé mardi son secrétaire général Jens Stoltenberg.", "secrétaire général Jens Stoltenberg"),
        ("« Allons-y », a expliqué Jens Stoltenberg.", "Jens Stoltenberg"),
        ("Selon le ministre italien Luigi Di Maio, la mission durera.", "le ministre italien Luigi Di Maio"),
        ("Jens Stoltenberg, ministre de la Défense, a averti ses alliés.", "Jens Stoltenberg, ministre de la Défense"),
        ("Jens Stoltenberg, de son côté, a averti ses alliés.", "Jens Stoltenberg"),
        ("Emmanuel Macron a reçu la presse jeudi et Emmanuel Macron a déclaré son soutien.", "Emmanuel Macron"),
        ("Un conseiller de Joe Biden a dit que oui.", "Un conseiller de Joe Biden"),
        ("Selon l’avocat d’Éric Dupond, c’est oui.", "l’avocat d’Éric Dupond"),
        ("Le chef de l’État Emmanuel Macron a dit que oui.", "Le chef de l’État Emmanuel Macron"),
        ("Après la mort de son fils, Jens Stoltenberg a dit que oui.", "Jens Stoltenberg"),
        ("J.-P. Raffarin a dit que oui.", "J.-P. Raffarin"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Il a ajouté que rien n’était décidé.", "Il"),
        ("Il a également précisé que rien n’était décidé.", "Il"),
        ("« Rien n’est décidé », a-t-il ajouté.", "il"),
        ("« Rien n’est décidé », ajoute-t-il.", "il"),
        ("Selon lui, rien n’est décidé.", "lui"),
        ("D’après lui, rien n’est décidé.", "lui"),
    ],
)
def test_the_speaker_of_the_sentence_before_is_told_in_french(before: str, name: str, sentence: str, said: str) -> None:
    assert _speaker("La réunion est finie.", before, sentence) == Speaker(said, name)


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("NATO Secretary General Jens Stoltenberg said yes.", "NATO Secretary General Jens Stoltenberg"),
        ("The ministry’s spokesman, John Kirby, told reporters yes.", "The ministry’s spokesman, John Kirby"),
        ("“It will grow,” said John Kirby.", "John Kirby"),
        ("According to the Italian minister Luigi Di Maio, it will grow.", "the Italian minister Luigi Di Maio"),
        ("Joe Biden, the president of the country, warned it.", "Joe Biden, the president of the country"),
        ("A spokesman for Boris Johnson said yes.", "A spokesman for Boris Johnson"),
        ("U.S. Army Lt. Col. John Smith said yes.", "U.S. Army Lt. Col. John Smith"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("He added that nothing was decided.", "He"),
        ("He also said that nothing was decided.", "He"),
        ("“Nothing is decided,” he added.", "he"),
        ("According to him, nothing is decided.", "him"),
    ],
)
def test_the_speaker_of_the_sentence_before_is_told_in_english(
    before: str, name: str, sentence: str, said: str
) -> None:
    assert _speaker("The meeting is over.", before, sentence, lang="en") == Speaker(said, name)


@pytest.mark.parametrize(
    "sentences",
    [
        ("Il a ajouté que rien n’était décidé.",),  # nobody before
        ("La réunion est finie.", "Il a ajouté que rien n’était décidé."),
        ("Jens Stoltenberg a rencontré Joe Biden.", "Il a ajouté que rien n’était décidé."),  # neither speaks
        (STOLTENBERG, "Jens Stoltenberg a rencontré Joe Biden.", "Il a ajouté un mot."),  # either
        (STOLTENBERG, "« Oui », ajoute Hassan, un passant.", "« Non », a-t-il dit."),  # Hassan
        (STOLTENBERG, "« Oui », estime le psychologue.", "« Non », a-t-il dit."),  # perhaps the psychologist
        (STOLTENBERG, "Janota a pris rendez-vous lundi.", "Il a indiqué que tout allait bien."),  # Janota
        ("Jens Stoltenberg a déclaré que oui, Joe Biden a déclaré que non.", "Il a ajouté que rien n’était décidé."),
        (STOLTENBERG, "Joe Biden était là.", "Il a ajouté que rien n’était décidé."),  # somebody else since
        ("La ministre française Florence Parly a déclaré que oui.", "Il a ajouté que rien n’était décidé."),  # not she
        ("Le ministre français Jean Castex a déclaré que oui.", "Elle a ajouté que rien n’était décidé."),  # not he
        ("La Maison Blanche a déclaré que oui.", "Il a ajouté que rien n’était décidé."),  # nobody
        (STOLTENBERG, "Ils ont ajouté que rien n’était décidé."),  # several
        (STOLTENBERG, "Il a été précisé que rien n’était décidé."),  # nobody in particular
        (STOLTENBERG, "Il a plu."),
        (STOLTENBERG, "Il faut attendre, a déclaré Joe Biden."),  # says who
        (STOLTENBERG, "« Joe Biden a raison », a-t-il ajouté."),
        (STOLTENBERG, "Un.", "Deux.", "Trois.", "Quatre.", "Il a ajouté que rien n’était décidé."),  # too far
    ],
)  # fmt: skip
def test_nobody_is_told_where_it_is_not_sure_in_french(sentences: tuple[str, ...]) -> None:
    assert _speaker(*sentences) is None


@pytest.mark.parametrize(
    "sentences",
    [
        ("He added that nothing was decided.",),
        ("Jens Stoltenberg met Joe Biden.", "He added that nothing was decided."),
        ("Jens Stoltenberg said yes and Joe Biden said no.", "He added that nothing was decided."),
        ("John Kirby said yes.", "Joe Biden was there.", "He added that nothing was decided."),
        ("A spokeswoman, Ann Smith, said yes.", "He added that nothing was decided."),
        ("A spokesman, John Kirby, said yes.", "She added that nothing was decided."),
        ("The White House said yes.", "He added that nothing was decided."),
        ("John Kirby said yes.", "They added that nothing was decided."),
        ("John Kirby said yes.", "He left."),
        ("The police said that John Kirby was at home.", "According to him, all is well."),
        ("John Kirby said yes.", "Last year, he added a veranda to the house."),
    ],
)
def test_nobody_is_told_where_it_is_not_sure_in_english(sentences: tuple[str, ...]) -> None:
    assert _speaker(*sentences, lang="en") is None


@pytest.mark.parametrize(
    "before",
    [
        "La veuve de Jovenel Moïse a raconté l’attaque.",
        "L’épouse d’Emmanuel Macron a déclaré que oui.",
        "La mère du jeune Nahel Merzouk a dit que oui.",
        "Selon un proche de Gérald Darmanin, la loi passera.",
        "Selon un proche du ministre Gérald Darmanin, la loi passera.",
        "Le cabinet de Bruno Le Maire a annoncé une hausse.",
        "Le parti de Marine Le Pen a annoncé son vote.",
        "« Oui », a dit la veuve de Jovenel Moïse.",
    ],
)
@pytest.mark.parametrize("sentence", ["Il a ajouté que rien n’était décidé.", "« Rien n’est décidé », a-t-elle dit."])
def test_nobody_is_told_where_a_name_is_only_whose_the_speaker_is_in_french(before: str, sentence: str) -> None:
    assert _speaker(before, sentence) is None
    assert _speaker(STOLTENBERG, before, sentence) is None


@pytest.mark.parametrize(
    "before",
    [
        "The mother of Tyre Nichols said yes.",
        "Tyre Nichols’ mother said yes.",
        "An ally of Boris Johnson said yes.",
        "A source close to Donald Trump said yes.",
        "According to an ally of Boris Johnson, it will grow.",
        "According to Joe Biden’s aide, it will grow.",
    ],
)
@pytest.mark.parametrize("sentence", ["He added that nothing was decided.", "“Nothing is decided,” she added."])
def test_nobody_is_told_where_a_name_is_only_whose_the_speaker_is_in_english(before: str, sentence: str) -> None:
    assert _speaker(before, sentence, lang="en") is None
    assert _speaker("John Kirby said yes.", before, sentence, lang="en") is None


@pytest.mark.parametrize(
    ("before", "since"),
    [
        ("Gérald Darmanin a dit que oui.", "Selon un proche de Gérald Darmanin, la loi passera."),
        ("Gérald Darmanin a dit que oui.", "Selon un proche de Darmanin, la loi passera."),
        ("Gérald Darmanin a dit que oui.", "Le cabinet de Darmanin a dit que la loi passera."),
        ("Gérald Darmanin a dit que oui.", "Le psychologue a dit que la loi passera."),
    ],
)
def test_who_speaks_since_without_a_name_is_another(before: str, since: str) -> None:
    assert _speaker(before, since, "Il a ajouté que rien n’était décidé.") is None


@pytest.mark.parametrize(
    "since",
    [
        "Le suspect a été arrêté mardi.",
        "Mardi, un suspect a été arrêté.",
        "Son avocat est parti.",
        "Le rapport a été publié jeudi.",
        "L’avocat est parti.",
    ],
)
def test_who_or_what_is_told_of_since_without_a_name_may_be_meant_in_french(since: str) -> None:
    assert _speaker("Le procureur Paul Martin a dit que oui.", since, "Il a ajouté un mot.") is None


@pytest.mark.parametrize(
    "since",
    [
        "Le procureur est arrivé mardi.",
        "La veille, il était à Paris.",
        "Selon lui, le suspect est parti.",
        "« Le suspect est parti. »",
        "La mission durera.",  # « il » is not she
    ],
)
def test_what_goes_on_about_the_speaker_is_of_nobody_else(since: str) -> None:
    told = _speaker("Le procureur Paul Martin a dit que oui.", since, "Il a ajouté un mot.")
    assert told == Speaker("Il", "Le procureur Paul Martin")


@pytest.mark.parametrize(
    ("before", "since", "sentence"),
    [
        ("Jens Stoltenberg said yes.", "A Taliban spokesman rejected the plan.", "He said foreign troops must leave."),
        ("Governor Gretchen Whitmer said yes.", "A nurse opened the door.", "“I was scared,” she recalled."),
        ("Governor Gretchen Whitmer said yes.", "Later, a nurse opened the door.", "“I was scared,” she recalled."),
    ],
)
def test_who_is_told_of_since_without_a_name_may_be_meant_in_english(before: str, since: str, sentence: str) -> None:
    assert _speaker(before, since, sentence, lang="en") is None
    assert _speaker(before, sentence, lang="en")


def test_who_speaks_since_by_the_same_role_is_the_same_person() -> None:
    before = ("Le ministre italien Luigi Di Maio a dit que oui.", "Le ministre a ajouté que la mission durerait.")
    assert _speaker(*before, "« C’est long », a-t-il dit.") == Speaker("il", "Le ministre italien Luigi Di Maio")


@pytest.mark.parametrize(
    ("before", "sentence", "name"),
    [
        ("La maire de Paris Anne Hidalgo a critiqué le texte.", "« C’est faux », a-t-elle dit.", None),
        ("La maire a critiqué le texte.", "« C’est faux », a-t-elle dit.", None),
        ("Mme Anne Hidalgo a critiqué le texte.", "« C’est faux », a-t-elle dit.", None),
        ("La maire de Paris Anne Hidalgo a critiqué le texte.", "« C’est faux », a-t-il dit.", "Emmanuel Macron"),
        ("Le ministre Éric Dupond a critiqué le texte.", "« C’est faux », a-t-il dit.", None),
        ("Le texte est critiqué.", "« C’est faux », a-t-il dit.", "Emmanuel Macron"),
    ],
)  # fmt: skip
def test_nobody_is_told_where_another_is_of_the_gender_for_certain(
    before: str, sentence: str, name: str | None
) -> None:
    told = _speaker(before, "Emmanuel Macron a répondu mardi.", sentence)
    assert (told.name if told else None) == name


def test_the_same_person_with_a_title_before_is_of_the_gender() -> None:
    before = ("La ministre Élisabeth Borne était là.", "Élisabeth Borne a dit que oui.")
    assert _speaker(*before, "« C’est long », a-t-elle dit.") == Speaker("elle", "Élisabeth Borne")


@pytest.mark.parametrize(
    "before",
    [
        "Sandrine Rousseau a expliqué hier sa position au premier ministre.",
        "Le procureur Paul Martin a indiqué que le suspect avait avoué.",
        "« Oui », a expliqué Paul Martin à son avocat.",
        "Paul Martin a dit que l’élève était absent.",
    ],
)
def test_whom_the_speaker_speaks_of_may_be_meant_in_french(before: str) -> None:
    assert _speaker(before, "Il a assuré que rien n’était décidé.") is None


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("Le procureur Paul Martin a indiqué que la suspecte avait avoué.", "Le procureur Paul Martin"),
        ("Le procureur Paul Martin a indiqué que les suspects avaient avoué.", "Le procureur Paul Martin"),
        ("Le procureur Paul Martin a dit que le procureur, c’était lui.", "Le procureur Paul Martin"),
        ("« Le suspect a avoué », a dit le procureur Paul Martin.", "le procureur Paul Martin"),
        ("Devant le suspect, le procureur Paul Martin a dit que oui.", "le procureur Paul Martin"),
        ("« Oui », a dit Paul Martin, le procureur de la ville.", "Paul Martin"),
        ("Paul Martin a dit que le ministère paierait.", "Paul Martin"),
    ],
)
def test_whom_the_speaker_speaks_of_is_not_meant_if_the_gender_or_number_is_another(before: str, name: str) -> None:
    assert _speaker(before, "Il a assuré que rien n’était décidé.") == Speaker("Il", name)


def test_whom_the_speaker_speaks_of_may_be_meant_in_english() -> None:
    after = "He said that nothing was decided."
    assert _speaker("Prosecutor Paul Martin said that the suspect had confessed.", after, lang="en") is None
    assert _speaker("Prosecutor Paul Martin told his old friend to wait.", after, lang="en") is None
    assert _speaker("Prosecutor Paul Martin told the suspects to wait.", after, lang="en")


@pytest.mark.parametrize(
    ("calls", "sentence", "told"),
    [
        ("Mme Rousseau est arrivée.", "Il a ajouté un mot.", None),
        ("Mme Rousseau est arrivée.", "Elle a ajouté un mot.", "Sandrine Rousseau"),
        ("M. Rousseau est arrivé.", "Elle a ajouté un mot.", None),
        ("Mme Durand est arrivée.", "Elle a ajouté un mot.", "Sandrine Rousseau"),
    ],
)
def test_the_gender_is_that_of_the_title_that_the_article_gives_anywhere(
    calls: str, sentence: str, told: str | None
) -> None:
    found = _speaker(calls, "Un.", "Deux.", "Trois.", "Sandrine Rousseau a dit que oui.", sentence)
    assert (found.name if found else None) == told


def test_a_surname_since_is_the_same_person() -> None:
    before = ("John Kirby, the spokesman, said yes.", "According to Kirby, it will grow.")
    assert _speaker(*before, "He said that it was not.", lang="en") == Speaker("He", "John Kirby, the spokesman")


def test_the_chain_of_what_one_person_says_is_followed() -> None:
    assert _speaker(STOLTENBERG, "« C’est long », a-t-il dit.", "Il a ajouté que rien n’était décidé.") == Speaker(
        "Il", "Le secrétaire général de l’OTAN, Jens Stoltenberg"
    )


def _composed(article: Article, quote: str, lang: Lang) -> str:
    span = Span(article.text.index(quote), article.text.index(quote) + len(quote))
    whole = Passage("a#0", "a", Span(0, len(article.text)), article.text, (span,))
    told = outline([[Evidence(article, whole, span, 0.9)]], lang=lang)
    written = list(compose(told, Quoting(), lang=lang, question="?"))
    composed = assemble(told, [each.claim for each in written])
    verify_citations(composed.citations, {"a": article})
    assert list(verified(written, composed.citations)) == written
    verify_whole(composed)
    assert composed.citations[0].quote == quote
    return composed.text


def test_the_speaker_stands_after_the_quotation_which_stays_as_it_is() -> None:
    quote = "Il a ajouté mercredi que rien n’était décidé."
    article = _article(STOLTENBERG, quote, published="2021-02-18")
    told = "(«\u00a0Il\u00a0»\u00a0: «\u00a0Le secrétaire général de l’OTAN, Jens Stoltenberg\u00a0»)"
    day = "(«\u00a0mercredi\u00a0»\u00a0: 17 février 2021)"
    assert _composed(article, quote, Lang.FR) == f"{quote} {told} {day} [1]"
    english = _composed(article, quote, Lang.EN)
    assert "(“Il”: “Le secrétaire général de l’OTAN, Jens Stoltenberg”) (“mercredi”: 17 February 2021) [1]" in english


def test_an_english_quotation_has_its_speaker_too() -> None:
    quote = "He added that nothing was decided."
    article = _article("“It will grow,” said John Kirby.", quote, lang="en")
    assert _composed(article, quote, Lang.EN) == f"{quote} (“He”: “John Kirby”) [1]"
    assert _composed(article, quote, Lang.FR).endswith("(«\u00a0He\u00a0»\u00a0: «\u00a0John Kirby\u00a0») [1]")
