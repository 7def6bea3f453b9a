"""Files as publishers write them, small, one for each format."""

import io
import tarfile
import zipfile
from xml.sax.saxutils import escape

SENTENCES = (
    "L’OTAN renforce sa mission en Irak, a annoncé Jens Stoltenberg jeudi à Bruxelles.",
    "Elle passera de 500 à 4\u202f000 personnes\u00a0: « Nous y restons », a-t-il dit.",
)
PARAGRAPHS = "\n\n".join(SENTENCES)

HTML = f"""<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>Irak : l’OTAN renforce sa mission | Le Courrier</title>
<meta property="og:site_name" content="Le Courrier"><link rel="canonical" href="https://courrier.example/irak-otan">
<meta property="article:published_time" content="2021-02-18T23:30:00+01:00"><script>alert("non")</script></head>
<body><nav><a href="/">Accueil</a> <a href="/monde">Monde</a></nav>
<article><h1>Irak : l’OTAN renforce sa mission</h1><p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p>
<p>L&rsquo;Allemagne fournit <b>1600 soldats</b>&nbsp;; l’Italie en envoie 1200, d’après le ministère de la Défense.</p>
</article><footer>Tous droits réservés</footer></body></html>"""

RSS = f"""<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Le Courrier</title><link>https://courrier.example/</link><language>fr-fr</language>
<item><title>Irak : l&#8217;OTAN &amp; l&eacute;tat</title><link>https://courrier.example/irak?a=1&b=2</link>
<guid isPermaLink="false">courrier-2021-117</guid><pubDate>Thu, 18 Feb 2021 23:30:00 +0100</pubDate>
<media:title>Une photo</media:title><description>En bref.</description>
<content:encoded><![CDATA[<p>{SENTENCES[0]}</p><p>L&rsquo;Alliance <em>y</em> reste.</p>]]></content:encoded></item>
<item><title>Sans texte ni guide</title></item>
<item><title>Date fausse</title><guid>x</guid><pubDate>hier</pubDate><description>Un texte.</description></item>
</channel></rss>"""

ATOM = f"""<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Example Wire</title>
<entry><id>tag:wire.example,2021:1</id><title type="html">NATO &amp;amp; Iraq</title><published>2021-02-18T10:00:00Z</published>
<updated>2021-02-20T10:00:00Z</updated><link rel="self" href="https://wire.example/self"/>
<link rel="alternate" href="https://wire.example/1"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>NATO stays.</p><p>It said so in Brussels.</p></div></content>
</entry><entry><id>urn:uuid:2</id><title>Second</title><updated>2021-03</updated><summary>{escape("Less < more.")}</summary>
</entry></feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://a.example/"><title>Journal</title></channel>
<item rdf:about="https://a.example/1"><title>Un</title><link>https://a.example/1</link><dc:date>2021-02</dc:date>
<description>Le texte de l’entrée.</description></item></rdf:RDF>"""

NITF = """<?xml version="1.0" encoding="ISO-8859-1"?>
<!DOCTYPE nitf SYSTEM "nitf-3-4.dtd">
<nitf><head><title>Irak</title><docdata><doc-id id-string="afp.com-20210218-1"/><date.issue norm="20210218T103000Z"/>
</docdata><pubdata name="Agence Exemple"/></head><body><body.head><hedline><hl1>Irak : l'OTAN &eacute;largit sa mission</hl1>
</hedline><byline>Par Jean Dupont</byline></body.head><body.content><block><p>L'OTAN élargira sa mission &agrave; Bagdad.</p>
<media><media-caption>Une légende.</media-caption></media><hl2>Un départ</hl2><p>Les <person>Français</person> partent.</p>
</block></body.content></body></nitf>"""

NEWSML = f"""<?xml version="1.0" encoding="UTF-8"?>
<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>
<newsItem guid="urn:newsml:exemple.org:20210218:irak" version="3" xml:lang="fr">
<itemMeta><itemClass qcode="ninat:text"/><provider literal="Agence Exemple"/><versionCreated>2021-02-19T08:00:00+01:00
</versionCreated><firstCreated>2021-02-18T08:00:00+01:00</firstCreated><pubStatus qcode="stat:usable"/></itemMeta>
<contentMeta><headline>Irak : l’OTAN élargit sa mission</headline><language tag="fr"/></contentMeta>
<contentSet><inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title>
</head><body><p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p></body></html></inlineXML></contentSet></newsItem>
<newsItem guid="urn:photo"><itemMeta><itemClass qcode="ninat:picture"/></itemMeta><contentSet>
<remoteContent href="https://photos.example/1.jpg"/></contentSet></newsItem>
<newsItem guid="urn:retire"><itemMeta><pubStatus qcode="stat:canceled"/></itemMeta><contentSet>
<inlineData contenttype="text/plain">Retiré.</inlineData></contentSet></newsItem>
<newsItem guid="urn:brut"><contentSet><inlineData contenttype="text/plain">Une dépêche brute.</inlineData></contentSet>
</newsItem></itemSet></newsMessage>"""

NINJS_1 = {
    "uri": "urn:ninjs:1", "type": "text", "versioncreated": "2021-02-18T10:37:00Z", "language": "fr-FR",
    "headline": "Irak : l’OTAN élargit sa mission", "copyrightholder": "Agence Exemple",
    "body_text": " ".join(SENTENCES), "body_xhtml": f"<p>{SENTENCES[0]}</p><p>{SENTENCES[1]}</p>",
}  # fmt: skip
NINJS_3 = {
    "uri": "https://wire.example/3", "type": "text", "versionCreated": "2021-02", "language": "en",
    "headlines": [{"role": "sub", "value": "Below"}, {"role": "main", "value": "NATO stays in Iraq"}],
    "infosources": [{"name": "Example Wire"}],
    "bodies": [{"role": "main", "contentType": "text/plain", "value": "NATO stays.\n\nIt said so."}],
}  # fmt: skip

MARKDOWN = f"""---
title: "Irak : l’OTAN renforce"
date: 2021-02
source: Le Courrier
url: https://courrier.example/irak
tags: [otan, irak]
---

# Un intertitre

{SENTENCES[0]} Voir le [dossier](https://x.example/a_b), qui est **long**
et continue ici.

- 500 hommes
- 4000 hommes

![une photo](p.jpg)
"""


def zipped(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(files: dict[str, str | bytes], mode: str = "w:gz") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def docx(*paragraphs: str, title: str = "") -> bytes:
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = "".join(paragraphs)
    core = f'<p xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{escape(title)}</dc:title></p>'
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f'<?xml version="1.0"?><w:document {w}><w:body>{body}</w:body></w:document>',
            "docProps/core.xml": core,
        }
    )


def w_p(*runs: str) -> str:
    return (
        "<w:p>"
        + "".join(run if run.startswith("<") else f"<w:r><w:t>{escape(run)}</w:t></w:r>" for run in runs)
        + "</w:p>"
    )


def pdf(*pages: list[str], title: str = "") -> bytes:
    """A PDF of lines in Helvetica, written by hand."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica"
               b" /Encoding /WinAnsiEncoding >>", b"<< /Title (" + title.encode("cp1252") + b") >>"]  # fmt: skip
    kids = []
    for lines in pages:
        shown = [
            b"(" + line.encode("cp1252").replace(b"(", b"\\(").replace(b")", b"\\)") + b") Tj T*" for line in lines
        ]
        stream = b"BT /F1 11 Tf 14 TL 50 780 Td " + b"\n".join(shown) + b" ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
            b" /Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    out = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1, table, len(objects) + 1, len(out),
    )  # fmt: skip
