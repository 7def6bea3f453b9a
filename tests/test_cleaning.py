"""What is an article's body and what surrounds it on the page, in both languages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.cleaning import Kind, body_spans, headings, read_page

FIRST = "Les ministres de l’Alliance se sont réunis jeudi pour parler de l’Afghanistan et de l’Irak."
SECOND = "« Nous n’avons pas pris de décision », a déclaré M. Stoltenberg à l’issue de la réunion."
THIRD = "La mission compte 500 militaires, dont 300 sont déployés dans le pays depuis le mois de mai."

EN_FIRST = "Defense ministers of the alliance met on Thursday to talk about Afghanistan and about Iraq."
EN_SECOND = "“We have made no decision,” Mr. Stoltenberg said after the meeting at the headquarters."


def body(text: str) -> list[str]:
    return [span.of(text) for span in body_spans(text)]


def page(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs)


FURNITURE = [
    "Agence France-Presse",
    "Associated Press",
    "AFP",
    "(Reuters)",
    "Le Monde avec AFP",
    "Source : La Presse canadienne",
    "Par Jean Dupont",
    "Par Marie-Ève de la Tour et Jean Dupont, à Bruxelles",
    "By Jane Doe",
    "By Jane Doe and John Roe, CNN",
    "Reporting by Jane Doe; Editing by John Roe",
    "De notre correspondante à Bruxelles",
    "Propos recueillis par Jean Dupont",
    "Publié le 18 février 2021 à 14h30",
    "Mis à jour le 18 février 2021",
    "Updated 3:15 p.m. ET, Thu February 18, 2021",
    "18 février 2021",
    "Le 03/04/2023 à 12h00",
    "Publié le 16 mars 2023 à 15h12, modifié le 16 mars 2023 à 18h04",
    "Thu 3 Apr 2023 12.45 BST",
    "Published: 16:45 BST, 3 May 2023",
    "Temps de lecture : 3 min",
    "PHOTO JEANNE ROY, AGENCE EXEMPLE Le secrétaire général durant une conférence de presse, à Bruxelles.",
    "Photo : Jeanne Roy, Agence Exemple",
    "Crédit photo : Jeanne Roy",
    "Image : le siège de l’Alliance",
    "Le secrétaire général à Bruxelles, jeudi. (Photo by Jane Roe/Agency)",
    "Le secrétaire général à Bruxelles, jeudi. REUTERS/Jane Roe",
    "Un soldat monte la garde devant l’ambassade. © Jeanne Roy",
    "Lire aussi : L’Allemagne prolonge son mandat",
    "À lire également",
    "Read more: Germany extends its mandate",
    "Related: Germany extends its mandate",
    "Partager",
    "Partager sur Facebook",
    "Share this article",
    "Abonnez-vous à notre infolettre",
    "Sign up for our newsletter",
    "Publicité",
    "La suite après la publicité",
    "Cette histoire a été mise à jour avec des commentaires du porte-parole.",
    "This story has been updated with comments from the Pentagon.",
    "Il vous reste 72.3% de cet article à lire. La suite est réservée aux abonnés.",
    "Inscrivez-vous à notre infolettre, le meilleur de la semaine.",
    "Reporting by Jane Doe in Brussels, editing by John Roe.",
    "Edited by Jane Doe, the columnist.",
    "bur-abc/def/ghi",
    "© 2021 Agence Exemple. Tous droits réservés.",
    "All rights reserved.",
    "https://example.org/irak",
    "redaction@example.org",
    "* * *",
    "none",
]

PARAGRAPHS = [
    "Par ailleurs, l’Allemagne veut prolonger son mandat.",
    "Par Toutatis ! s’est exclamé un diplomate.",
    "By Monday, the last soldiers had left the base.",
    "Partager le fardeau reste la première demande des Américains.",
    "Cette histoire a duré vingt ans.",
    "This report was published on Thursday by the Pentagon.",
    "Cet article a été modifié par le Sénat, puis adopté.",
    "Reuters a confirmé la nouvelle.",
    "La photo a fait le tour du monde.",
    "Il a parlé des images : elles ne mentent pas, selon lui.",
    "Le budget recule (hors crédits de la défense).",
    "S’abonner à un journal coûte cher.",
    "L’OTAN quitte le pays.",
    "Et maintenant ?",
    "Non.",
    "Voici les trois demandes des alliés :",
    "La résurgence de la violence a compliqué la décision des alliés,",
    "- 1600 soldats allemands",
    "Written by Jane Doe, the series follows a family at war over its future.",
    "Compiled by the University of Oxford, the data show that 40 countries have no vaccine.",
    "Traduit par Jeanne Roy, le roman a reçu un prix en 2019.",
    "Rejoignez-nous, a lancé Jean Dupont aux socialistes à Marseille.",
    "Register to vote by 17 April, the Electoral Commission said.",
    "• des casques",
    "« Nous partirons ensemble », a dit Jens Stoltenberg",
    "Jeudi, un diplomate a précisé que les troupes pourraient rester au-delà du 1er mai",
    "The Pentagon declined to say how many more American service members it would send to Iraq, or when",
    "Elle a été créée en 2017 pour former les soldats irakiens à la lutte contre le groupe État islamique",
]

INTERTITLES = [
    "Talibans",
    "Encore 9600 soldats de 36 pays",
    "Les talibans toujours menaçants",
    "« Une mission difficile »",
    '- "Une mission difficile" -',
    "Why it matters",
    "L’Allemagne promet de rester ferme alors que l’Iran durcit le ton sur l’accord nucléaire",
    "Le Congrès américain commande une étude sur le retrait mais met en garde contre la menace russe",
]


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_is_not_body(line: str) -> None:
    assert body(page(FIRST, line, SECOND)) == [FIRST, SECOND]
    assert body(page(FIRST, SECOND, THIRD, line)) == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize("line", PARAGRAPHS)
def test_what_may_be_the_articles_own_stays_body(line: str) -> None:
    assert body(page(FIRST, line, SECOND, THIRD)) == [FIRST, line, SECOND, THIRD]


@pytest.mark.parametrize("line", INTERTITLES)
def test_intertitles_and_links_between_paragraphs_are_headings(line: str) -> None:
    text = page(FIRST, line, SECOND, THIRD)
    assert body(text) == [FIRST, SECOND, THIRD]
    assert [span.of(text) for span in headings(text)] == [line]


@pytest.mark.parametrize(
    "head",
    [
        "(Bruxelles) ",
        "(Bruxelles, Belgique) ",
        "(Bruxelles) (AFP) ",
        "BRUXELLES – ",
        "BRUXELLES (AFP) - ",
        "PARIS, 18 fév 2021 (AFP) - ",
        "Bruxelles (Reuters) — ",
        "KABUL, Afghanistan (AP) — ",
        "(CNN) — ",
        "AFP - ",
        "18 février 2021. - ",
        "1er mai 2021. – ",
        "Bruxelles, le 18 février 2021 – ",
        " date 2021-02 (Bruxelles) ",
        "date 2021-02-18 ",
    ],
)
def test_the_body_begins_after_date_head_and_dateline(head: str) -> None:
    text = page(head + FIRST, SECOND)
    assert body(text) == [FIRST, SECOND]
    assert read_page(text).title == FIRST


@pytest.mark.parametrize(
    "opening",
    ["L’OTAN, (hélas) divisée, se réunit.", "Bruxelles attend.", "« Non », dit l’OTAN.", "En 2021, 18 pays restent."],
)
def test_a_sentence_that_only_resembles_a_dateline_keeps_its_beginning(opening: str) -> None:
    assert body(page(opening, FIRST)) == [opening, FIRST]


@pytest.mark.parametrize(
    "headline",
    [
        "Les États-Unis se disent prêts à envoyer davantage de troupes pour la mission de l’OTAN en Irak",
        "L’OTAN restera-t-elle en Afghanistan ?",
        "NATO to Expand Its Iraq Mission",
        "Irak : « Nous restons »",
        "EN DIRECT - Guerre en Irak : l’OTAN renforce sa mission",
        "LIVE – Iraq: NATO expands its mission",
        "INFO LE COURRIER - L’OTAN renforce sa mission",
        "VIDÉO – L’OTAN renforce sa mission en Irak",
    ],
)
def test_a_headline_is_the_title_and_not_body(headline: str) -> None:
    text = f"{headline}\n\n\n{FIRST}\n\n{SECOND}"
    assert read_page(text).title == headline
    assert body(text) == [FIRST, SECOND]


def test_a_video_label_below_the_top_or_above_a_whole_sentence_is_a_caption() -> None:
    assert body(page(FIRST, "VIDÉO – Le départ des soldats", SECOND)) == [FIRST, SECOND]
    assert body(page("VIDÉO – Les soldats quittent Kaboul.", FIRST, SECOND)) == [FIRST, SECOND]


def test_a_section_name_and_an_author_beside_the_headline_are_neither_title_nor_body() -> None:
    text = page("MONDE", "L’OTAN renforce sa mission en Irak", "Jean-Paul Dupont", FIRST, SECOND)
    assert read_page(text).title == "L’OTAN renforce sa mission en Irak"
    assert body(text) == [FIRST, SECOND]


def test_a_first_paragraph_that_ends_with_a_comma_is_body() -> None:
    first = "La résurgence de la violence a compliqué la décision de maintenir ou non des troupes dans le pays,"
    assert body(f" date 2021-02 {first}\n\n{SECOND}") == [first, SECOND]


def test_a_title_from_a_long_sentence_is_cut_at_a_word() -> None:
    title = read_page(" date 2021-02 (Bruxelles) L’Alliance" + " renforce" * 40 + ".").title
    assert title == "L’Alliance" + " renforce" * 11 + "…"  # 10 + 11 * 9 = 109 characters, and the ellipsis
    assert read_page("x" * 500).title == "x" * 110 + "…"


def test_a_title_is_one_line() -> None:
    assert read_page("## L’OTAN\u00a0en\u202fIrak \n\n" + FIRST).title == "L’OTAN en Irak"


def test_a_list_after_a_colon_is_body_however_short_its_items() -> None:
    items = ["Un calendrier", "Une garantie", "Un budget de 250 millions d’euros"]
    text = page(FIRST, "\n".join(["Les alliés demandent :", *items]), "Talibans", SECOND, THIRD)
    assert body(text) == [FIRST, "Les alliés demandent :", *items, SECOND, THIRD]


def test_items_that_blank_lines_part_are_listed_up_to_the_next_full_stop() -> None:
    items = ["Allemagne", "Italie", "Turquie"]
    text = page(FIRST, "Les pays qui participent :", *items, SECOND, "Talibans", THIRD)
    assert body(text) == [FIRST, "Les pays qui participent :", *items, SECOND, THIRD]


@pytest.mark.parametrize(
    "rows",
    [
        ["Jeanne Roy : 27,85 %", "Jean Dupont : 23,15 %"],
        ["1999: The software is rolled out", "2009: Seven tell their story", "2021: 39 convictions are quashed"],
        ["Ouvert de 10 h à 18 h", "Fermé le mardi", "Tarif : 11 €, gratuit pour les enfants", "Tél. 02 99 00 00 00"],
        ["Pays | Soldats", "Allemagne | 1300", "Italie | 895"],
        ["Ville | Maire", "Bruges | Jeanne Roy"],
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_rows_of_figures_are_body_between_paragraphs_and_behind_the_last(rows: list[str], gap: str) -> None:
    assert body(page(FIRST, SECOND, gap.join(rows), THIRD)) == [FIRST, SECOND, *rows, THIRD]
    assert body(page(FIRST, SECOND, THIRD, gap.join(rows))) == [FIRST, SECOND, THIRD, *rows]


def test_a_headline_a_section_and_one_subtitle_with_figures_are_no_rows() -> None:
    text = page("Irak 2021", "L’OTAN enverra 4000 soldats en Irak", "Ils étaient 500", FIRST, SECOND)
    assert read_page(text).title == "L’OTAN enverra 4000 soldats en Irak"
    assert body(text) == [FIRST, SECOND]


@pytest.mark.parametrize(
    "dates", [("14 juillet 2016", "15 juillet 2016"), ("March 2020", "May 2021"), ("2001", "2021")]
)
def test_the_dates_of_a_chronology_are_body(dates: tuple[str, str]) -> None:
    first, second = dates
    assert body(page(FIRST, first, SECOND, second, THIRD)) == [FIRST, first, SECOND, second, THIRD]
    assert body(page(first, SECOND, second, THIRD)) == [first, SECOND, second, THIRD]


def test_dates_of_other_pages_are_not_body() -> None:
    links = ["18 février 2021", "Les talibans attaquent", "19 février 2021", "L’Allemagne hésite"]
    assert body(page(FIRST, SECOND, THIRD, *links)) == [FIRST, SECOND, THIRD]


def test_an_item_at_the_top_is_no_headline() -> None:
    assert body(page("• Ten soldiers were killed\n• 15 were injured", EN_FIRST, EN_SECOND)) == [
        "• Ten soldiers were killed",
        "• 15 were injured",
        EN_FIRST,
        EN_SECOND,
    ]


def test_a_line_broken_in_mid_sentence_is_no_heading() -> None:
    assert body(page(FIRST, "La technique dite", "du pas à pas est lente.", SECOND)) == [
        FIRST,
        "La technique dite",
        "du pas à pas est lente.",
        SECOND,
    ]


def test_readers_comments_are_not_body() -> None:
    text = page(
        FIRST, SECOND, THIRD, "Laisser un commentaire", "Votre adresse ne sera pas publiée.", "Bravo ! Très juste."
    )
    assert body(text) == [FIRST, SECOND, THIRD]


def test_a_link_to_the_comments_at_the_top_hides_nothing() -> None:
    assert body(page("Laisser un commentaire", FIRST, SECOND)) == [FIRST, SECOND]


def test_headlines_that_trail_an_article_are_furniture() -> None:
    links = ["L’Allemagne prolonge son mandat en Afghanistan jusqu’en 2022", "Les talibans attaquent une base du nord"]
    assert body(page(FIRST, SECOND, THIRD, *links)) == [FIRST, SECOND, THIRD]


def test_a_last_paragraph_cut_short_is_body() -> None:
    cut_short = "Les ministres se réuniront de nouveau au printemps afin de décider si les troupes qui restent en"
    assert body(page(FIRST, SECOND, cut_short)) == [FIRST, SECOND, cut_short]


@pytest.mark.parametrize(
    "line", ["Trois soldats ont été tués dans une frappe", "Three soldiers were killed in a strike"]
)
def test_a_last_line_that_tells_what_happened_is_body_without_its_full_stop(line: str) -> None:
    assert body(page(FIRST, SECOND, THIRD, line)) == [FIRST, SECOND, THIRD, line]


def test_a_byte_order_mark_is_neither_body_nor_title() -> None:
    text = f"\ufeff(Bruxelles) {FIRST}\n\n{SECOND}"
    assert body(text) == [FIRST, SECOND]
    assert read_page(text).title == FIRST


def test_an_english_page_is_read_alike() -> None:
    text = page(
        "NATO to expand its Iraq mission",
        "By Jane Doe, CNN",
        f"(CNN) — {EN_FIRST}",
        "NATO’s secretary general in Brussels on Thursday. (AP Photo/Jane Roe)",
        "Taliban attacks",
        EN_SECOND,
        "Read more",
    )
    assert [block.kind for block in read_page(text).blocks] == [
        Kind.TITLE,
        Kind.FURNITURE,
        Kind.BODY,
        Kind.FURNITURE,
        Kind.HEADING,
        Kind.BODY,
        Kind.FURNITURE,
    ]
    assert body(text) == [EN_FIRST, EN_SECOND]


@pytest.mark.parametrize(
    "text", ["Talibans", "La mission compte 500 soldats", "Un\nDeux\nTrois", "none", "Par Jean Dupont"]
)
def test_a_text_of_nothing_else_is_all_body(text: str) -> None:
    assert body(text) == text.split("\n")


@pytest.mark.parametrize("text", ["", " \n\u00a0", "date 2021-02", " date 2021-02 \n", "***\n…"])
def test_a_text_without_words_has_no_body_and_no_title(text: str) -> None:
    assert body(text) == []
    assert read_page(text).title == ""


@given(st.lists(st.sampled_from([*FURNITURE, *PARAGRAPHS, *INTERTITLES, FIRST, "« ", "x" * 700]), max_size=12))
def test_the_blocks_of_a_page_are_ordered_and_lose_no_word(paragraphs: list[str]) -> None:
    text = page(*paragraphs)
    blocks = read_page(text).blocks
    borders = [border for block in blocks for border in (block.span.start, block.span.end)]
    assert borders == sorted(borders)
    assert "".join("".join(block.span.of(text) for block in blocks).split()) == "".join(text.split())
    assert bool(body_spans(text)) == any(map(str.isalnum, text))
