"""Tells who « il » and "she" are where a sentence reports what they said, from the sentences just before it.

Knows no model, and no first names: only a full name that stands by a verb of speech is a speaker; where two could be
meant none is told, and anybody whom the speaker speaks of could be, « que le suspect avait avoué », if of the gender.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.passages import cut
from index.types import Article, Span
from service.guard.gazetteer import known_names
from service.guard.lexicon import Found, term_sets
from service.guard.words import is_common, text_of

_BACK = 3  # sentences, at most, between the words and who said them

_SAID = {
    "fr": """ajouté déclaré dit précisé affirmé estimé indiqué souligné expliqué poursuivi assuré annoncé averti insisté
        rappelé conclu confié raconté répondu commenté jugé soutenu reconnu regretté accusé promis lancé martelé noté
        observé admis prévenu réagi dénoncé plaidé détaillé confirmé écrit répété réitéré évoqué renchéri résumé""",
    "en": r"""said added(?!\x20(?:an?|the|his|her|its)\b) told stated declared explained noted warned insisted stressed
        argued claimed announced continued concluded recalled replied admitted acknowledged pledged promised
        emphasised emphasized confirmed denied wrote commented remarked suggested reiterated""",
}
_SAYS = {
    "fr": """ajoute déclare dit précise affirme estime indique souligne explique poursuit assure annonce avertit insiste
        rappelle conclut confie raconte répond commente juge soutient reconnaît regrette note observe prévient dénonce
        confirme déclarait expliquait ajoutait précisait affirmait""",
    "en": "says adds tells states explains notes warns insists stresses argues claims continues concludes replies",
}
_PAST, _NOW = ({lang: "|".join(words.split()) for lang, words in verbs.items()} for verbs in (_SAID, _SAYS))
_WHEN = {
    "fr": r"(?:(?:aussi|également|ensuite|encore|notamment|ainsi|enfin|toutefois|cependant|par ailleurs|de plus|hier|"
    r"lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) )?",
    "en": r"(?:(?:also|then|later|further|earlier|again|repeatedly|today|yesterday|"
    r"(?:on )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day) )?",
}
_SPEAKS = {
    "fr": rf"(?:(?:a|avait) {_WHEN['fr']}(?:{_PAST['fr']})|{_NOW['fr']})(?!\w)",
    "en": rf"(?:(?:has |had )?{_WHEN['en']}(?:{_PAST['en']})|{_NOW['en']})(?!\w)",
}
_PRONOUN = {
    "fr": re.compile(
        rf"^(?P<begins>Il|Elle) (?:l'|nous |lui |leur )?{_SPEAKS['fr']}"
        rf"|(?<!\w)(?:a|avait)-t-(?P<did>il|elle) {_WHEN['fr']}(?:{_PAST['fr']})(?!\w)"
        rf"|(?<!\w)(?:{_NOW['fr']})(?:-t)?-(?P<does>il|elle)(?!\w)"
        r"|(?<!\w)(?:[Ss]elon|[Dd]'après) (?P<after>lui|elle)(?!\w|-même)"
    ),
    "en": re.compile(
        rf"^(?P<begins>He|She) {_SPEAKS['en']}"
        rf"|[\"”,'] (?P<did>he|she) {_SPEAKS['en']}"
        r"|(?<!\w)[Aa]ccording to (?P<after>him|her)(?= ?[,.;])"
    ),
}
_FEMALE = frozenset({"elle", "she", "her"})

_SHORT = r"(?:(?:-?[A-ZÀ-ÖØ-Þ]\.)+|(?:Mr|Mrs|Ms|Dr|Prof|Gen|Maj|Lt|Col|Capt|Sgt|Adm|Sen|Rep|Gov)\.)"
_CAPITAL = rf"(?:{_SHORT}|[A-ZÀ-ÖØ-Þ][\w-]*(?:'(?!s\b)\w+)*(?!\w))"
_NAME = rf"(?>{_CAPITAL}(?: (?:(?:de|du|da|di|van|von|der|den|bin|ben|al|el) )*{_CAPITAL}){{1,6}})"
_INSIDE = r"[^,.;:!?«»“”\"()\[\]]{2,90}?"
_PHRASE = {
    "fr": rf"(?:[Ll]e |[Ll]a |[Ll]'|[Uu]n |[Uu]ne |[Ss]on |[Ss]a ){_INSIDE}",
    "en": rf"(?:[Tt]he |[Aa]n? |[Ii]ts |[Hh]is |[Hh]er ){_INSIDE}",
}
_DETERMINED = {"fr": _PHRASE["fr"], "en": rf"(?:{_PHRASE['en']}|[a-z]+(?: [a-z]+){{0,3}})"}
_WHO = {
    lang: rf"(?:(?P<role>{determined})(?:,? |(?<= d')))?(?P<name>{_NAME})(?!')"
    for lang, determined in _DETERMINED.items()
}
_BARE = re.compile(r"(?!(?:the|an?|its|his|her|le|la|une?|son|sa) |l')[a-z]")
_APPOSED = rf", (?:[a-z]|[Ll]'|[Ll]e |[Ll]a ){_INSIDE}(?=,)"
_POSSESSIVE = re.compile(r"^(?:son|sa|its|his|her) ", re.IGNORECASE)
_BY = {"fr": r"(?:[Ss]elon|[Dd]'après) ", "en": r"[Aa]ccording to "}
_WHOSE = re.compile(
    r"(?<![\w'])(?:(?:de|du|des|à|au|aux|pour|avec|contre|of|to|for|with|against|by|from|in) |d')"
    r"(?:(?!et |and |mais |but |que? |qui |who |that )[\w'-]+ ){0,3}$"
)
_OWNED = rf"(?:{_CAPITAL} )*{_CAPITAL}'s? [a-z][a-z -]{{1,40}}?"
_UNNAMED = {
    "fr": re.compile(
        rf"(?:^|[,;:»] )(?P<speaks>{_PHRASE['fr']}) {_SPEAKS['fr']}"
        rf"|{_BY['fr']}(?P<by>{_PHRASE['fr']}(?:(?<= d')|(?<= de )|(?<= du )){_CAPITAL})"
    ),
    "en": re.compile(
        rf"(?:^|[,;:”\"] )(?P<speaks>{_PHRASE['en']}|{_OWNED}) {_SPEAKS['en']}"
        rf"|{_BY['en']}(?P<by>{_PHRASE['en']}(?<= (?:of|to) ){_CAPITAL}|{_OWNED}(?=[,.;]))"
    ),
}
_OPENING = r"(?P<opening>(?:Mais|Et|Puis|But|And|Then) |[^,;:«»“”\"]{1,40}, )?"
_SUBJECT = {
    "fr": re.compile(rf"^{_OPENING}(?P<subject>(?:[Ll]e |[LlSs]a |[Ll]'|[Uu]ne? |[Ss]on )(?:[\w'-]+ ?){{1,3}})"),
    "en": re.compile(rf"^{_OPENING}(?P<subject>(?:[Tt]he |[Aa]n? |[Ii]ts |[Hh]is |[Hh]er )(?:[\w'-]+ ?){{1,3}})"),
}
_OPENS_WITH_PRONOUN = re.compile(r"^(?:[^,;:«»“”\"]{1,80}, )?(?:il|elle|he|she)\b", re.IGNORECASE)
_HER = re.compile(
    r"^(?:[Ll]a|[Uu]ne) |^[Ll]'\w*(?:enne|trice|euse|ière|ante|ate|élue)\b|woman\b"
    r"|\b(?:Mme|Mrs|Ms|Queen|Princess|reine|ambassadrice|présidente|députée)\b"
)
_HIM = re.compile(r"^(?:[Ll]e|[Uu]n) |^[Ll]'ancien\b|(?<!wo)man\b|\b(?:M\.|Mr|King|Prince|roi)(?!\w)")
_NO_PERSON = re.compile(
    r"\b(?:Maison|Conseil|Banque|Parti|Agence|Cour|Union|Ministère|Nations|Organisation|House|Council|Bank|Party|Agency|"
    r"Court|Ministry|Department|Watch|Committee|Association|Group|Street|News|Times|Press|International|University)\b"
    r"|\b(?:Army|Navy|Force|Police|Senate|Congress)$"
)
_PERSONS = {  # beside the roles and actors of `terms/titles.toml`; singular
    "fr": """suspecte? homme femme garçon fille enfant fils père mère frère sœur mari épou(?:x|se) veuf veuve conjointe?
        compagn(?:on|e) amie? voisine? collègue homologue témoin accusée? prévenue? plaignante? victime auteure?
        tueu(?:r|se) meurtri(?:er|ère) agresseur assaillante? terroriste otage prisonni(?:er|ère) détenue? blessée?
        mineure? conduct(?:eur|rice) chauffeur pilote passag(?:er|ère) cliente? patiente? élève candidate? rivale?
        adversaire prédécesseure? successeure? propriétaire locataire patronne? salariée? employée? ouvri(?:er|ère)
        agricul(?:teur|trice) sporti(?:f|ve) athlète champion(?:ne)? artiste humoriste milliardaire retraitée? jeune""",
    "en": """suspect man woman boy girl child son daughter father mother brother sister husband wife widow(?:er)?
        partner friend neighbou?r colleague counterpart witness accused defendant plaintiff victim killer murderer
        attacker gunman assailant terrorist hostage prisoner inmate detainee teenager driver pilot passenger customer
        patient pupil candidate rival opponent predecessor successor owner tenant boss employee worker farmer athlete
        champion artist billionaire pensioner""",
}
_PERSON = {lang: re.compile(rf"\b(?:{'|'.join(nouns.split())})\b", re.I) for lang, nouns in _PERSONS.items()}
_BODY = re.compile(  # that a role may stand for, and that no « il » is
    r"^(?:minist(?:ere|ry)|secretariat|parquet|commande?ment|command|ambassade|embassy|presidenc[ey]|mairie|municipal\w*"
    r"|direction|prefecture|gouvernorat|chancellerie|department|office|prosecution|tete|lead\w*|faculty|cabinet|police|employ[eu]+r"
    r"|(?:city|town) hall|presidentiel\w*|ministeriel\w*|papal|elected|parliamentary|general|major|heads?)$"
)
_ONE = {
    ("fr", False): re.compile(r"(?:\b(?:le|un|du|au|ce|cet|son|leur|notre|quel) |\bl')(?:[\w-]+ )?$", re.IGNORECASE),
    ("fr", True): re.compile(r"(?:\b(?:la|une|cette|sa|son|leur|notre) |\bl')(?:[\w-]+ )?$", re.IGNORECASE),
    ("en", False): re.compile(r"\b(?:the|an?|his|her|its|their|this|that|another) (?:[\w'-]+ ){0,2}$", re.IGNORECASE),
}
_SEVERAL = re.compile(r"(?<!fil)(?:s|aux|men|people)$")
_QUOTED = re.compile(r"«[^»]*(?:»|$)|^[^«]*»|“[^”]*(?:”|$)|^[^“]*”|\"[^\"]*(?:\"|$)")
_FIRST_WORDS = re.compile(r"^(?:(?:Le|La|Les|Un|Une|Des|Ce|Cette|En|Au|À|Mais|Et|The|An?|In|At|On|This|But|And) |L')")
_OTHER = {
    "fr": re.compile(rf"[,»”\"] ?{_SPEAKS['fr']} {_WHEN['fr']}(?:(?:le|la|un|une) |l'|(?P<name>{_CAPITAL}))"),
    "en": re.compile(rf"[,»”\"] ?{_SPEAKS['en']} {_WHEN['en']}(?:(?:the|an?) |(?P<name>{_CAPITAL}))"),
}
_MOST_CHARS = 1500  # of a sentence that is looked through


@dataclass(frozen=True, slots=True)
class Speaker:
    """`said` is the pronoun as it is written; `name` who that is, with the role that stands beside it, verbatim."""

    said: str
    name: str


@dataclass(frozen=True, slots=True)
class _Named:
    """Where in a sentence a speaker is named, role and all; not `told` where the name is only whose the speaker is:
    « la veuve de Jovenel Moïse »."""

    start: int
    end: int
    surname: str
    told: bool


def speaker(article: Article, sentence: Span) -> Speaker | None:
    """Who says what a sentence reports with a pronoun only; none where it has none, or it cannot be told."""
    if article.lang not in _PRONOUN:
        return None
    quote = _plain(sentence.of(article.text))
    found = _PRONOUN[article.lang].search(quote)
    if found is None or next(_people(quote[: found.start()], article.lang), None):
        return None
    said = next(group for group in found.groups() if group)
    name = _told(article, sentence, female=said.lower() in _FEMALE)
    return Speaker(said, name) if name else None


def _told(article: Article, sentence: Span, *, female: bool) -> str | None:
    """The speaker of the nearest sentence before that names one, unless it or one since names somebody else, one since
    is about another without a name, or another than the speaker is of the pronoun's gender for certain."""
    before = {each for passage in cut(article) for each in passage.sentences if each.end <= sentence.start}
    spans = sorted(before, key=lambda each: -each.start)[:_BACK]
    texts = [_plain(span.of(article.text)) for span in spans]
    since: set[str] = set()
    unnamed: list[str] = []
    for span, text in zip(spans, texts, strict=True):
        named = list(_speakers(text, article.lang))
        if len(text) > _MOST_CHARS or _says_another(text, named, article.lang):
            return None
        unnamed += _unnamed(text, named, article.lang)
        if named:
            name = _POSSESSIVE.sub("", article.text[span.start + named[0].start : span.start + named[0].end])
            own = _plain(name)
            others = [each for each in unnamed if _fits(each, female=female) is not False]
            if since - set(_words(own)) or not all(_is_role_of(own, each, article.lang) for each in others):
                return None
            spoken_of = _spoken_of(text, named[0].end, article.lang, female=female)
            if not all(_is_role_of(own, each, article.lang) for each in spoken_of):
                return None
            fits = _fits(own, female=female)
            if fits is None:
                fits = _called(article, _surname(own), female=female)
            if fits is None and any(_names_fitting(text, own, article.lang, female=female) for text in texts):
                return None
            return None if fits is False else name
        since |= _names(text, article.lang)
        unnamed += _subject(text, article.lang)
    return None


def _spoken_of(text: str, after: int, lang: str, *, female: bool) -> Iterator[str]:
    """Whom a sentence speaks of from a place on, outside quotations and by no name, who may be of the pronoun's gender;
    not what stands there beside the speaker: « Paul Martin, le procureur, »."""
    said = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text[:_MOST_CHARS])
    read = text_of(said, lang)
    roles = [each for name in ("role", "actor") for each in term_sets("titles")[name].find(read)]
    places = [(each.start, each.end) for each in roles if not _BODY.match(read.folded[each.start : each.end])]
    places += [found.span() for found in _PERSON[lang].finditer(said)]
    for start, end in places:
        ahead = _ONE[lang, female and lang == "fr"].search(said, after, start)
        if ahead is None or _SEVERAL.search(said[:end]) or re.fullmatch(r",? ?", said[after : ahead.start()]):
            continue
        if _fits(said[ahead.start() : end], female=female) is not False:
            yield said[ahead.start() : end]


def _called(article: Article, surname: str, *, female: bool) -> bool | None:
    """Whether the article calls the speaker « Mme » or "Mr" where the pronoun does; `None` where it never does."""
    text = _plain(article.text)
    name = rf"(?:{_CAPITAL} )?{re.escape(surname)}(?!\w)"
    her, him = (
        bool(re.search(rf"(?<!\w){title} {name}", text)) for title in (r"(?:Mme|Mlle|Mrs\.?|Ms\.?)", r"(?:M\.|Mr\.?)")
    )
    return None if her == him else her == female


def _fits(words: str, *, female: bool) -> bool | None:
    """Whether who is called so is of the pronoun's gender; `None` where nothing tells."""
    if (_HIM if female else _HER).search(words):
        return False
    return True if (_HER if female else _HIM).search(words) else None


def _names_fitting(text: str, own: str, lang: str, *, female: bool) -> bool:
    """Whether a sentence names somebody else who is of the pronoun's gender for certain; a woman's title is enough."""
    for found in re.finditer(rf"(?<![\w']){_WHO[lang]}", text[:_MOST_CHARS]):
        words = found[0] if found["role"] and _is_role(found["role"], lang) else found["name"]
        another = _surname(found["name"]) not in _words(own) and _is_person(found["name"], lang)
        if another and _fits(words, female=female):
            return True
    if not female or set(_words(text)) & set(_words(own)):
        return False
    titles = (text[max(0, role.start - len("une ")) : role.end].lstrip() for role in _roles(text, lang))
    return any(_HER.search(title) for title in titles)


def _says_another(text: str, named: list[_Named], lang: str) -> bool:
    """Whether a sentence has a second person, or a speaker beside those that were found."""
    surnames = {each.surname for each in named}
    others = _OTHER[lang].finditer(text)
    if any(not any(each.start < found.end() <= each.end for each in named) for found in others):
        return True
    if any(not each.told for each in named):
        return True
    return len(surnames) > 1 or bool(named and {_surname(name) for name in _people(text, lang)} - surnames)


def _unnamed(text: str, named: list[_Named], lang: str) -> Iterator[str]:
    """Who speaks and is called by no full name: « le ministre a ajouté », "Tyre Nichols' mother said"."""
    for found in _UNNAMED[lang].finditer(text[:_MOST_CHARS]):
        start, end = found.span(found.lastgroup or 0)
        if not any(each.start < end and start < each.end for each in named):
            yield text[start:end]


def _subject(text: str, lang: str) -> Iterator[str]:
    """Who or what a sentence begins with and calls by no name: « Le suspect a été arrêté », "A nurse opened the door";
    not where it goes on about him or her."""
    found = _SUBJECT[lang].search(text)
    if found is None or _OPENS_WITH_PRONOUN.search(text) or _PRONOUN[lang].search(text):
        return
    if not _names(found["opening"] or "", lang):  # "According to Kirby, the mission will grow" is about him
        yield found["subject"]


def _is_role_of(own: str, words: str, lang: str) -> bool:
    """Whether « le ministre » may be « le ministre italien Luigi Di Maio »."""
    roles, theirs = ({each.member for each in _roles(said, lang)} for said in (words, own))
    return bool(roles) and roles <= theirs


def _names(text: str, lang: str) -> set[str]:
    """The capitalised words that may be a person's: neither common words, nor acronyms, nor known names."""
    known = known_names(text_of(text, lang))
    found = {word for name in _people(text, lang) for word in _words(name)}
    for word in re.finditer(_CAPITAL, text):
        inside = any(each.start < word.end() and word.start() < each.end for each in known)
        if not inside and not word[0].isupper() and not is_common(word[0].split("'")[-1], lang):
            found.add(word[0])
    return found


def _speakers(text: str, lang: str) -> Iterator[_Named]:
    """Where a sentence names who speaks: before the verb, after it, or after « selon »."""
    who = _WHO[lang]
    direct = rf"(?<![\w'])(?P<who>{who}(?P<apposed>{_APPOSED})?),? {_SPEAKS[lang]}"
    inverted = rf"(?<!\w){_SPEAKS[lang]} {_WHEN[lang]}(?P<who>{who})"
    according = rf"(?<!\w){_BY[lang]}(?P<who>{who})"
    for pattern in (direct, inverted, according):
        for found in re.finditer(pattern, text[:_MOST_CHARS]):
            role, apposed = found["role"], found.groupdict().get("apposed")
            told = not role or not _is_whose(text[found.start("role") : found.start("name")], lang)
            bare = role and _BARE.match(role) and not _is_role(role, lang)
            if not _is_person(found["name"], lang) or (bare and told):
                continue
            start = found.start("who" if not role or _is_role(role, lang) else "name")
            end = found.end("who" if not apposed or _is_role(apposed, lang) else "name")
            yield _Named(start, end, _surname(found["name"]), told)


def _is_whose(words: str, lang: str) -> bool:
    """Whether a name after these words is only whose the speaker is: « la veuve de », « un proche du président »; not
    after « un conseiller de », which tells who speaks."""
    found = _WHOSE.search(words)
    return found is not None and not any(role.start < found.start() for role in _roles(words, lang))


def _people(text: str, lang: str) -> Iterator[str]:
    """The full names in a text."""
    for found in re.finditer(_NAME, _FIRST_WORDS.sub("", text)):
        if _is_person(found[0], lang):
            yield found[0]


def _is_person(name: str, lang: str) -> bool:
    """Whether it may be one: no place or institution that is known, nor what has the words of one."""
    known = known_names(text_of(name, lang))
    return not _NO_PERSON.search(name) and not any(found.end == len(name) for found in known)


def _is_role(words: str, lang: str) -> bool:
    return bool(_roles(words, lang))


def _roles(words: str, lang: str) -> list[Found]:
    return term_sets("titles")["role"].find(text_of(words, lang))


def _surname(name: str) -> str:
    return _words(name)[-1]


def _words(name: str) -> list[str]:
    return [word[0] for word in re.finditer(_CAPITAL, name)]


def _plain(text: str) -> str:
    """With plain apostrophes and spaces, character for character, so that places in it are places in the text."""
    return text.translate({ord("’"): "'", 0xA0: " ", 0x202F: " ", ord("‘"): "'"})
