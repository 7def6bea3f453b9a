"""The formats of article files: what each gives, what is refused, and that nothing else ever comes of any bytes."""

import io
import json
import os
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from format_samples import (
    ATOM,
    HTML,
    MARKDOWN,
    NEWSML,
    NINJS_1,
    NINJS_3,
    NITF,
    PARAGRAPHS,
    RDF,
    RSS,
    SENTENCES,
    docx,
    pdf,
    tarred,
    w_p,
    zipped,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from index.dates import PublishedDate
from index.errors import InvalidArticle
from index.formats.file import File, Limits, ParseFailure
from index.formats.markup import text_of_html
from index.formats.reading import read_articles, read_file, read_files
from index.formats.records import iso_date, stable_id
from index.types import Article

WORDS = "L’OTAN renforce sa mission en Irak."
LD = '<script type="application/ld+json">'


def items(name: str, content: str | bytes, limits: Limits | None = None) -> list[Article | ParseFailure]:
    limits = limits or Limits()
    data = content.encode() if isinstance(content, str) else content
    return [item for _, item in read_file(File.of_bytes(name, data, limits), limits)]


def articles(name: str, content: str | bytes) -> list[Article]:
    return [item for item in items(name, content) if isinstance(item, Article)]


def article(name: str, content: str | bytes) -> Article:
    (item,) = items(name, content)
    assert isinstance(item, Article), item
    return item


def failure(name: str, content: str | bytes, limits: Limits | None = None) -> str:
    (item,) = items(name, content, limits)
    assert isinstance(item, ParseFailure), item
    assert item.source.startswith(name)
    return item.message


# What each format gives


def test_a_page_gives_its_article_without_what_surrounds_it() -> None:
    page = article("page.html", HTML)
    assert page.article_id == page.url == "https://courrier.example/irak-otan"
    assert (page.title, page.source) == ("Irak : l’OTAN renforce sa mission", "Le Courrier")
    assert page.published == PublishedDate("2021-02-18")  # as written, not as in Greenwich
    assert SENTENCES[0] in page.text
    assert "L’Allemagne fournit 1600 soldats" in page.text
    assert not any(word in page.text for word in ("Accueil", "alert", "Tous droits"))


LISTS = "<p>Before.</p><ul>\n<li>One</li>\n<li><p>Two</p></li><li> <p></p> </li></ul><p>Behind.</p>"
TABLE = "<table>\n<tr><th>Party</th><th>Seats</th></tr>\n<tr><td><p>PVV</p></td> <td>37</td><td></td></tr></table>"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (LISTS, "Before.\n\n• One\n• Two\n\nBehind."),
        (TABLE, "Party | Seats\nPVV | 37"),
        ("One<br>two<br/>three<br><br>four", "One\ntwo\nthree\n\nfour"),
        ("<ul><li></li></ul><p>Alone.</p>", "Alone."),
        ("One<noscript><ul><li>Three</li></ul></noscript>Two", "One\n\nTwo"),
        ("<ul><li>One<ul><li>Two</ul></ul>", "• One\n\n• Two"),
    ],
)
def test_items_and_rows_are_lines_of_their_own_without_blank_ones(markup: str, text: str) -> None:
    assert text_of_html(markup) == text


@pytest.mark.parametrize(
    ("head", "date"),
    [
        ('<meta name="date" content="2021-02">', "2021-02"),
        (
            '<script type="application/ld+json">{"@graph": [{"datePublished": "2021-02-18T10:00Z"}]}</script>',
            "2021-02-18",
        ),
        ('<script type="application/ld+json">{"datePublished": </script>', None),
        ('<meta name="date" content="Thu, 18 Feb 2021 23:59:59 -0500">', "2021-02-18"),
        ('<meta name="date" content="03/04/2021"><meta name="pubdate" content="20210304">', "2021-03-04"),
        ('<meta name="date" content="03/04/2021">', None),  # in March or in April
        ('<meta name="date" content="1612121400000">', None),
        ('<meta property="og:url" content="https://courrier.example/?d=2020/05/06">', None),
        ("", None),
    ],
)
def test_a_page_has_the_date_that_its_head_states_and_no_other(head: str, date: str | None) -> None:
    link = "<aside><a href='/2020/05/07'>Un autre <time datetime='2020-05-07'>7 mai 2020</time></a></aside>"
    body = f"<p>{PARAGRAPHS} Il y a un an, le 3 mars 2019.</p>{link}<p>Publié le 4 avril 2018</p>"
    found = article("page.html", f"<html><head>{head}</head><body>{body}</body></html>")
    assert (found.published.iso if found.published else None) == date
    assert found.article_id == (found.url or "page")


@pytest.mark.parametrize("canonical", ["https://courrier.example/", "https://courrier.example"])
def test_an_address_of_a_whole_site_is_no_id(canonical: str) -> None:
    assert article("irak.html", HTML.replace("https://courrier.example/irak-otan", canonical)).article_id == "irak"


def test_a_page_is_read_in_the_encoding_it_declares() -> None:
    page = (
        "<html><head><meta charset='{}'></head><body><p>L’été à Kaboul coûte 12 €, dit le ministère.</p></body></html>"
    )
    for declared, codec in (("iso-8859-1", "cp1252"), ("windows-1252", "cp1252"), ("utf-8", "utf-8")):
        assert "L’été à Kaboul coûte 12 €" in article("p.html", page.format(declared).encode(codec)).text


def test_a_feed_gives_each_entry_with_its_full_text_and_names_the_bad_one() -> None:
    full, bare, bad = items("lot.rss", RSS)
    assert isinstance(full, Article)
    assert (full.article_id, full.source, full.lang) == ("courrier-2021-117", "Le Courrier", "fr")
    assert full.text == f"{SENTENCES[0]}\n\nL’Alliance y reste."
    assert full.title == "Irak : l’OTAN & létat"
    assert full.url == "https://courrier.example/irak?a=1&b=2"  # its ampersand was bare
    assert full.published == PublishedDate("2021-02-18")
    assert isinstance(bare, Article)
    assert (bare.text, bare.article_id.startswith("lot-")) == ("Sans texte ni guide", True)
    assert isinstance(bad, ParseFailure)
    assert (bad.source, "'hier' is not a date" in bad.message) == ("lot.rss (entry 3)", True)


def test_an_atom_feed_gives_elements_escapes_and_dates_with_their_precision() -> None:
    first, second = articles("wire.xml", ATOM)
    assert first.article_id == "tag:wire.example,2021:1"
    assert (first.title, first.lang, first.url) == ("NATO & Iraq", "en", "https://wire.example/1")
    assert first.text == "NATO stays.\n\nIt said so in Brussels."
    assert first.published == PublishedDate("2021-02-18")
    assert (second.text, second.published) == ("Less < more.", PublishedDate("2021-03"))


def test_a_caption_of_a_picture_is_no_text_of_an_entry() -> None:
    photo = "<media:description>Jens Stoltenberg, jeudi à Bruxelles, devant les drapeaux.</media:description>"
    photo += "<media:title>Une photo</media:title>"
    feed = '<rss xmlns:media="http://search.yahoo.com/mrss/"><channel><item>{}</item></channel></rss>'
    found = article("a.rss", feed.format(f"{photo}<description>{WORDS}</description>"))
    assert found.text == WORDS
    assert found.title != "Une photo"
    assert article("a.rss", feed.format(f"<title>Irak</title>{photo}")).text == "Irak"


def test_an_id_beyond_the_limit_is_the_same_whatever_the_file_is_called() -> None:
    long = "https://courrier.example/" + "a" * 300
    found = stable_id(long, stem="lundi", text="x")
    assert (found, len(found)) == (stable_id(long, stem="mardi", text="y"), 200)
    assert found.startswith(long[:183] + "-")  # and 16 characters of a digest
    assert found != stable_id(long + "b", stem="lundi", text="x")
    assert stable_id("a\x00b", stem="lundi", text="x").startswith("ab-")


def test_an_rdf_feed_has_its_entries_beside_its_channel() -> None:
    entry = article("a.rdf", RDF)
    assert (entry.article_id, entry.source, entry.published) == (
        "https://a.example/1",
        "Journal",
        PublishedDate("2021-02"),
    )


def test_nitf_gives_headline_paragraphs_and_date_and_no_caption() -> None:
    item = article("n.xml", NITF.encode("latin-1", "xmlcharrefreplace"))
    assert (item.article_id, item.source) == ("afp.com-20210218-1", "Agence Exemple")
    assert item.title == "Irak : l'OTAN élargit sa mission"
    assert item.text == "L'OTAN élargira sa mission à Bagdad.\n\nUn départ\n\nLes Français partent."
    assert item.published == PublishedDate("2021-02-18")


def test_newsml_gives_its_texts_and_passes_over_pictures_but_not_over_what_was_withdrawn() -> None:
    page, withdrawn, plain = items("lot.xml", NEWSML)
    assert isinstance(page, Article)
    assert (page.article_id, page.source) == ("urn:newsml:exemple.org:20210218:irak", "Agence Exemple")
    assert (page.text, page.title) == (PARAGRAPHS, "Irak : l’OTAN élargit sa mission")
    assert page.published == PublishedDate("2021-02-19")  # of this version
    assert isinstance(withdrawn, ParseFailure)
    assert "withdrew" in withdrawn.message
    assert isinstance(plain, Article)
    assert plain.text == "Une dépêche brute."


def test_ninjs_is_read_in_all_its_versions() -> None:
    old = article("a.json", json.dumps(NINJS_1))
    assert (old.article_id, old.text, old.source) == ("urn:ninjs:1", PARAGRAPHS, "Agence Exemple")
    assert (old.published, old.lang) == (PublishedDate("2021-02-18"), "fr")
    new = article("b.jsonl", json.dumps(NINJS_3))
    assert (new.title, new.text, new.source) == ("NATO stays in Iraq", "NATO stays.\n\nIt said so.", "Example Wire")
    assert new.published == PublishedDate("2021-02")


def test_json_is_an_object_a_list_or_lines() -> None:
    records = [{"article_id": "a", "text": WORDS}, NINJS_1, {"uri": "p", "type": "picture", "headline": "Photo"}]
    wanted = ["a", "urn:ninjs:1"]
    assert [one.article_id for one in articles("l.json", json.dumps(records))] == wanted
    assert [one.article_id for one in articles("l.json", json.dumps({"items": records}))] == wanted
    assert [one.article_id for one in articles("l.json", "\n".join(map(json.dumps, records[:2])))] == wanted
    assert article("seul.json", json.dumps({"text": WORDS})).article_id == "seul"
    assert article("beau.json", json.dumps({"article_id": "a", "text": WORDS}, indent=1)).article_id == "a"


def test_a_document_that_was_cut_off_is_no_lines() -> None:
    cut = '{"items": [\n{"article_id": "a", "text": "Un."},\n{"article_id": "c", "text": "Trois."}\n'
    (failure,) = items("cut.json", cut)
    assert isinstance(failure, ParseFailure)


def test_a_broken_first_line_leaves_the_others_whatever_the_file_is_called() -> None:
    lines = '{"article_id": "a", "te\n' + json.dumps({"article_id": "b", "text": WORDS})
    for name in ("l.jsonl", "l.json"):
        broken, good = items(name, lines)
        assert isinstance(broken, ParseFailure)
        assert broken.source == f"{name}:1"
        assert isinstance(good, Article)
        assert good.article_id == "b"


def test_markdown_gives_its_front_matter_and_its_text_without_marks() -> None:
    found = article("notes.md", MARKDOWN)
    assert (found.article_id, found.title, found.source) == ("notes", "Irak : l’OTAN renforce", "Le Courrier")
    assert (found.published, found.url) == (PublishedDate("2021-02"), "https://courrier.example/irak")
    assert "Voir le dossier, qui est long et continue ici." in found.text
    assert "500 hommes\n\n4000 hommes" in found.text
    toml = article("t.md", f'+++\nid = "t-1"\ndate = 2021-02-18\n+++\n# Le titre\n\n{WORDS}\n')
    assert (toml.article_id, toml.title, toml.published) == ("t-1", "Le titre", PublishedDate("2021-02-18"))
    assert article("nu.md", WORDS).text == WORDS


def test_a_word_document_gives_what_it_would_say_with_its_changes_accepted() -> None:
    inserted = "<w:ins><w:r><w:t>reste</w:t></w:r></w:ins>"
    deleted = "<w:del><w:r><w:delText>part</w:delText></w:r></w:del>"
    found = article("d.docx", docx(w_p("Un titre"), w_p("L’OTAN ", inserted, deleted, " & c’est tout."), title="Note"))
    assert (found.text, found.title) == ("Un titre\n\nL’OTAN reste & c’est tout.", "Note")
    assert (found.article_id, found.published) == ("d", None)


def test_a_text_box_that_a_word_document_holds_twice_is_read_once() -> None:
    box = f"<w:drawing><w:txbxContent>{w_p('Un encadré.')}</w:txbxContent></w:drawing>"
    twice = (
        f"<m:AlternateContent xmlns:m='m'><m:Choice>{box}</m:Choice><m:Fallback>{box}</m:Fallback></m:AlternateContent>"
    )
    found = article(
        "d.docx", docx(w_p(WORDS, f"<w:r>{twice}</w:r>"), f"<w:del>{w_p('Supprimé.')}</w:del>", w_p("Fin."))
    )
    assert found.text == f"{WORDS}\n\nUn encadré.\n\nFin."


def test_a_pdf_gives_paragraphs_whole_words_and_no_running_heads() -> None:
    head = "Courrier du 18 février"
    first = ["L'OTAN renforce sa mission, a annoncé Jens Stoltenberg, et le gouverne-",
             "ment irakien s'en félicite. Elle passera de 500 à 4000 personnes dès", "le printemps."]  # fmt: skip
    found = article("d.pdf", pdf([head, *first, "Page 1"], [head, "Fin.", "Page 2"], [head, "Suite.", "Page 3"]))
    assert "et le gouvernement irakien s'en félicite." in found.text
    assert "personnes dès le printemps." in found.text
    assert "Courrier" not in found.text
    assert "Page" not in found.text


def test_an_archive_gives_the_articles_of_its_files_wherever_they_lie() -> None:
    inner = tarred({"c.html": HTML, "photo.jpg": "x"})
    files = {"a/b.txt": WORDS, "README.md": "Non.", ".cache/x.txt": "Non.", "__MACOSX/b.txt": "Non.", "in.tgz": inner}
    for name, content in (("l.zip", zipped(files)), ("l.tar.gz", tarred(files)), ("l.tar", tarred(files, "w"))):
        assert [one.article_id for one in articles(name, content)] == ["b", "https://courrier.example/irak-otan"]


def test_a_packed_file_is_read_as_what_it_is() -> None:
    import gzip

    assert article("irak.txt.gz", gzip.compress(WORDS.encode())).article_id == "irak"


def test_content_tells_more_than_a_suffix() -> None:
    assert article("page.txt", pdf([WORDS.replace("’", "'")])).article_id == "page"
    assert len(articles("feed.html", ATOM)) == 2
    assert articles("sans-suffixe", HTML)
    assert "no parser for '.exe' files" in failure("a.exe", b"MZ\x90")


# Encodings


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_text_is_read_in_every_encoding_that_is_certain(codec: str) -> None:
    text = "« L’été », à Kaboul : 12 € par tête."
    assert article("a.txt", text.encode(codec)).text == text


@pytest.mark.parametrize("codec", ["mac_roman", "cp850", "cp1251", "shift_jis"])
def test_text_in_an_encoding_that_would_be_a_guess_is_refused(codec: str) -> None:
    text = "Летом в Кабуле" if codec in ("cp1251", "shift_jis") else "L'été à Kaboul coûte cher au ministère."
    assert "convert it" in failure("a.txt", text.encode(codec))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("Une « longue » – très longue – journée.".encode() + b"\xff", "UTF-8 but for what stands at byte 47"),
        ("Il dit : « Bonjour ».".encode() + "à".encode()[:1], "iconv -c -f UTF-8"),
        ("« Le cœur de l'œuvre »".encode("iso-8859-15"), "iconv -f ISO-8859-15"),
        ("« Bonjour », dit-il.".encode("mac_roman"), "iconv -f MACINTOSH"),
        ("Il part mardi… et revient.".encode("mac_roman"), "iconv -f MACINTOSH"),
        (WORDS.encode("utf-16-le"), "holds NUL bytes, as UTF-16 without"),
        (WORDS.encode("utf-16-be"), "holds NUL bytes, as UTF-16 without"),
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_what_only_looks_like_windows_1252_is_refused(name: str, content: bytes, told: str) -> None:
    assert told in failure(name, content)


@pytest.mark.parametrize(
    "text",
    [
        "Il a dit : « L’été\u00a0», à L’Isle.",
        "“CAFÉ”, « ÇA », À LA « GARÇONNIÈRE »",
        "Une pinte ½, 2½ pommes, 2½h d’été.",
    ],
)
def test_what_is_windows_1252_is_read_as_that(text: str) -> None:
    assert article("a.txt", text.encode("cp1252")).text == text


def test_what_can_be_read_to_declare_utf_16_is_utf_8() -> None:
    assert articles("a.rss", RSS.replace("UTF-8", "utf-16"))[0].text == f"{SENTENCES[0]}\n\nL’Alliance y reste."


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le"])
def test_json_in_utf_16_is_told_once(name: str, codec: str) -> None:
    lines = '{"article_id": "a", "text": "Un."}\n{"article_id": "b", "text": "Deux."}\n'
    assert "iconv -f UTF-16 -t UTF-8" in failure(name, lines.encode(codec))


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2021-02-18T23:30:00+0100", "2021-02-18"),
        ("2021-02-18 10:00:00 +0100", "2021-02-18"),
        ("20210218", "2021-02-18"),
        ("20210218T103000Z", "2021-02-18"),
        ("20210218103000", "2021-02-18"),
        ("202102181030", "2021-02-18"),
        ("18 Feb 2021 10:00 GMT", "2021-02-18"),
        ("Thu, 18 Feb 2021 23:59:59 -0500", "2021-02-18"),
        (" 2021-02 ", "2021-02"),
        ("2021", "2021"),
    ],
)
def test_a_date_keeps_its_day_and_its_precision(written: str, date: str) -> None:
    assert iso_date(written) == date


@pytest.mark.parametrize(
    "written",
    ["hier", "20211399", "2021-02-30", "99999999999", "1612121400", "1612121400000", "Thu, 45 Feb 2021 10:00:00 +0000"],
)
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(InvalidArticle, match="is not a date"):
        iso_date(written)


# What is refused


ENTRY = "<rss><channel><item><title>&b;</title></item></channel></rss>"
LAUGHS = f'<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>{ENTRY}'
OUTSIDE = f'<!DOCTYPE rss [<!ENTITY b SYSTEM "file:///etc/passwd">]>{ENTRY}'
PARAMETER = '<!DOCTYPE rss [<!ENTITY % a SYSTEM "http://127.0.0.1/x"> %a;]><rss><channel/></rss>'


@pytest.mark.parametrize("attack", [LAUGHS, OUTSIDE, PARAMETER])
def test_xml_with_entities_of_its_own_is_refused(attack: str) -> None:
    assert "which is refused" in failure("a.rss", attack)
    nitf = attack.replace("rss", "nitf")
    assert "which is refused" in failure("a.xml", nitf)
    inside = zipped({"word/document.xml": attack, "[Content_Types].xml": "<Types/>"})
    assert "which is refused" in failure("a.docx", inside)


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("a.rss", "<rss><channel><title>Vide</title></channel></rss>", "no entries"),
        ("a.xml", "<rss><channel><item>", "not well-formed XML"),
        ("a.xml", "<svg/>", "no parser for XML whose root is <svg>"),
        ("a.xml", "rien", "its content is not"),
        ("a.xml", "<NewsML/>", "NewsML 1 is not read"),
        ("a.xml", "<newsItem><itemMeta/></newsItem>", "none with a text"),
        ("a.xml", "<nitf><body/></nitf>", "no body.content"),
        ("a.xml", "<rss>" * 400 + "</rss>" * 400, "nested deeper"),
        ("a.xml", b'<?xml version="1.0" encoding="klingon"?><rss/>', "'klingon', which is unknown"),
        ("a.xml", b'<?xml version="1.0" encoding="utf-8"?><rss>\xe9</rss>', "is not in it at byte 43"),
        ("a.json", '{"uri": "p", "type": "picture", "headline": "Photo"}', "has no body"),
        ("a.json", '{"uri": "p", "body_text": "x y", "pubstatus": "canceled"}', "withdrew"),
        ("a.json", "[]", "list is empty"),
        ("a.jsonl", "", "holds no line"),
        ("a.jsonl", "\n \n", "holds no line"),
        ("a.jsonl", json.dumps([NINJS_1], indent=1), "name it .json"),
        ("a.zip", zipped({}), "holds no file that is read"),
        ("a.zip", zipped({"a.jpg": "x", "b.csv": "y"}), "2 of others"),
        ("a.tar", tarred({"a.jpg": "x"}, "w"), "1 of others"),
        ("a.zip", zipped({"n": WORDS}).replace(b"n", b"\0"), "has no name"),
        ("a.json", "{", "not JSON"),
        ("a.md", "---\na: [\n---\nTexte.", "not YAML"),
        ("a.md", "---\n- a\n---\nTexte.", "no `key: value` lines"),
        ("a.md", "---\ntitle: x\n---\n", "no words"),
        ("a.html", "", "the page is empty"),
        ("a.html", "<html><body><script>x</script></body></html>", "no words"),
        ("a.pdf", b"%PDF-1.7\nrien", "no PDF"),
        ("a.pdf", pdf([]), "pictures and no text"),
        ("a.docx", b"PK\x03\x04rien", "damaged"),
        ("a.docx", zipped({"[Content_Types].xml": "<Types/>"}), "no word/document.xml"),
        ("a.docx", docx(), "holds no text"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "with a password"),
        ("a.xlsx", zipped({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": ""}), "other than a text document"),
        ("a.zip", zipped({"a.txt": WORDS})[:40], "damaged"),
        ("a.tar.gz", tarred({"a.txt": WORDS})[:20], "damaged"),
        ("a.zip", zipped({"../a.txt": WORDS}), "leads out"),
        ("a.zip", zipped({"/etc/a.txt": WORDS}), "leads out"),
        ("a.zip", zipped({"C:/a.txt": WORDS}), "leads out"),
        ("a.tar.gz", tarred({"b/../../a.txt": WORDS}), "leads out"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_with_the_way_out(name: str, content: str | bytes, wanted: str) -> None:
    assert wanted in failure(name, content)


def test_links_in_archives_are_not_followed() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        link = tarfile.TarInfo("a.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    assert "a link or a device" in failure("l.tgz", out.getvalue())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        member = zipfile.ZipInfo("a.txt")
        member.external_attr = 0o120777 << 16
        packed.writestr(member, "/etc/passwd")
    assert "a link" in failure("l.zip", out.getvalue())


def test_bombs_are_refused_before_they_unfold() -> None:
    zeros = b" " * 30_000_000
    assert "unfolds to more than" in failure("a.zip", zipped({f"{n}.txt": zeros for n in range(3)}))
    assert "unfolds to more than" in failure("a.tgz", tarred({"a.txt": zeros}))
    assert "unfolds to more than" in failure("a.docx", docx(w_p(" " * 9_000_000)))
    nested = zipped({"a.txt": WORDS})
    for _ in range(4):
        nested = zipped({"in.zip": nested})
    assert "inside 3 others" in failure("a.zip", nested)
    many = zipped({f"{n}.txt": WORDS for n in range(20)})
    found = items("a.zip", many, Limits(archive_files=10))
    assert len(found) == 11
    assert isinstance(found[-1], ParseFailure)
    assert "more than 10 files" in found[-1].message


def test_a_file_beyond_its_limit_is_refused_and_the_rest_is_read() -> None:
    limits = Limits(file_bytes=100)
    large, small = items("a.zip", zipped({"a.txt": WORDS * 10, "b.txt": WORDS}), limits)
    assert isinstance(large, ParseFailure)
    assert "SOURCIER_MAX_FILE_BYTES" in large.message
    assert isinstance(small, Article)


def test_a_damaged_file_in_an_archive_does_not_stop_the_others(tmp_path: Path) -> None:
    content = bytearray(zipped({"a.txt": WORDS * 30, "b.txt": WORDS}))
    content[45] ^= 0xFF
    (tmp_path / "l.zip").write_bytes(content)
    (tmp_path / "z.pdf").write_bytes(b"%PDF-1.4")
    (tmp_path / "y.txt").write_text(WORDS, "utf-8")
    found = list(read_articles(tmp_path))
    assert [one.article_id for one in found if isinstance(one, Article)] == ["b", "y"]
    broken = [one.source for one in found if isinstance(one, ParseFailure)]
    assert broken == [f"{tmp_path}/l.zip/a.txt", f"{tmp_path}/z.pdf"]


@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_a_tar_that_breaks_off_says_so_wherever_it_does(format: int) -> None:
    out = io.BytesIO()
    name = "é" * 40 + "/" + "b" * 90 + ".txt"  # beyond what a plain header holds
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for member in (tarfile.TarInfo("a.txt"), tarfile.TarInfo(name)):
            member.size = len(WORDS.encode())
            archive.addfile(member, io.BytesIO(WORDS.encode()))
    whole = out.getvalue()
    assert [one.article_id for one in articles("l.tar", whole)] == ["a", "b" * 90]
    end = len(whole.rstrip(b"\0")) + -len(whole.rstrip(b"\0")) % 512
    header = 1024  # one block of header and one of text are the first file
    for broken in (whole[:header], whole[: header + 100], whole[:end], whole[:header] + b"x" * 512 + whole[header:]):
        *good, failed = items("l.tar", broken)
        assert [one.article_id for one in good if isinstance(one, Article)] == ["a", "b" * 90][: len(good)]
        assert isinstance(failed, ParseFailure)
        assert "breaks off at byte" in failed.message


def test_names_that_are_not_utf_8_are_told_as_their_bytes(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    line = json.dumps({"article_id": "a", "text": WORDS}).encode()
    for name, content in ((b"e\xe9.jsonl", line), (b"f\xe9.txt", WORDS.encode())):
        with open(folder + b"/" + name, "wb") as file:  # noqa: PTH123  # a path of bytes
            file.write(content)
    packed = tarred({"g\udce9.jsonl": line.replace(b'"a"', b'"b"')})
    (tmp_path / "h.tgz").write_bytes(packed)
    read, refused, inside = read_files(tmp_path)
    assert (read[0], isinstance(read[1], Article)) == (f"{tmp_path}/e\\xe9.jsonl", True)
    assert isinstance(refused[1], ParseFailure)
    assert "is not UTF-8, as the file's name is not: rename the file" in refused[1].message
    assert refused[1].source == f"{tmp_path}/f\\xe9.txt"
    assert (inside[0], isinstance(inside[1], Article)) == (f"{tmp_path}/h.tgz/g\\xe9.jsonl", True)


def test_links_that_are_not_followed_are_told(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "articles", tmp_path / "ailleurs"
    for one in (folder / "2021", elsewhere):
        one.mkdir(parents=True)
    (folder / "2021" / "a.txt").write_text(WORDS, "utf-8")
    for name, target in (("dernier", "2021"), ("lien", elsewhere), ("perdu.txt", "rien"), ("rond.txt", "rond.txt")):
        (folder / name).symlink_to(target)
    good, *failed = read_articles(folder)
    assert isinstance(good, Article)  # once: `dernier` leads to what is read
    assert [(one.source, one.message[:24]) for one in failed if isinstance(one, ParseFailure)] == [
        (f"{folder}/lien", "a link to a folder, whic"),
        (f"{folder}/perdu.txt", "cannot be read: No such "),
        (f"{folder}/rond.txt", "cannot be read: Too many"),
    ]


def test_a_pdf_with_a_password_is_refused_by_name() -> None:
    lock = b"/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + b"11" * 32 + b"> /U <" + b"22" * 32
    encrypted = pdf([WORDS.replace("’", "'")]).replace(b"/Info 4 0 R", b"/Info 4 0 R " + lock + b"> >>")
    assert "password" in failure("a.pdf", encrypted)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xml", "<?a?>" * 1_500 + "x"),
        ("a.rss", "<rss><item><title>" + "&lt;svg&gt;" * 50_000 + "&lt;/b&gt;" * 50_000 + "</title></item></rss>"),
        ("a.json", json.dumps([{"uri": "p", "type": "picture", "headline": "x"}] * 20_000 + [{"text": WORDS}])),
        ("a.html", LD + "[" + "0," * 400_000 + "0]</script><p>" + WORDS),
        ("a.md", "[" * 20_000 + WORDS + "*" * 20_000),
        ("a.pdf", pdf(["." * 30_000, "a" * 30_000 + "-", "b" * 30_000])),
    ],
    ids=["instructions", "unread", "pictures", "data", "brackets", "lines"],
)  # fmt: skip
def test_no_small_file_takes_long(name: str, content: str | bytes) -> None:
    started = time.process_time()
    items(name, content)
    assert time.process_time() - started < 10


# Properties

SAMPLES = {
    "a.html": HTML.encode(),
    "a.rss": RSS.encode(),
    "a.xml": NEWSML.encode(),
    "b.xml": NITF.encode(),
    "a.json": json.dumps(NINJS_1).encode(),
    "a.md": MARKDOWN.encode(),
    "a.docx": docx(w_p(WORDS)),
    "a.pdf": pdf([WORDS.replace("’", "'")]),
    "a.zip": zipped({"a.txt": WORDS}),
    "a.tgz": tarred({"a.txt": WORDS}),
    "a.txt": WORDS.encode(),
    "a.jsonl": json.dumps({"text": WORDS}).encode(),
}


@given(st.sampled_from(sorted(SAMPLES)), st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_articles_or_our_failures(name: str, content: bytes) -> None:
    assert all(isinstance(item, Article | ParseFailure) for item in items(name, content))


@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6), st.integers(0, 6)), min_size=1, max_size=4),
)
@settings(max_examples=300, deadline=None)
def test_any_damage_gives_articles_or_our_failures(name: str, damage: list[tuple[float, bytes, int]]) -> None:
    content = SAMPLES[name]
    for where, new, dropped in damage:
        at = int(where * len(content))
        content = content[:at] + new + content[at + dropped :]
    for item in items(name, content):
        assert isinstance(item, Article | ParseFailure)
        if isinstance(item, Article):
            item.text.encode()
            assert "\0" not in item.text


@given(st.text(alphabet="<>![]CDATA&;é/p \n-\"'=?abr", max_size=60))
def test_any_markup_becomes_text(markup: str) -> None:
    assert isinstance(text_of_html(markup, is_html=True), str)


def test_empty_paragraphs_take_no_longer_than_others() -> None:
    """A minute and more, where each run of spaces is looked at from each of its characters."""
    assert text_of_html("<p> </p>" * 100_000 + "<p>Fin.</p>") == "Fin."
    assert text_of_html("<p>a" + "<br>" * 100_000 + "b") == "a\n\nb"
