"""Which words of a sentence are shown as the short answer: those that the reader likes best, if they can be one.

Words that only repeat the question answer nothing. Where a sentence tells several amounts, the one that is told is that
of the name asked about, or of what is counted. And it is said as one would reply: « 1969 » to « En quelle année ? ».
The reader's scores are only compared with each other, within one sentence, so that none depends on how it was trained.
"""

import re
from collections.abc import Sequence

from index.analysis import analyse, is_function_word
from index.language import detect
from index.translations import translations
from index.types import Article, Span
from service.expected import Asked, expected, is_year
from service.guard.gazetteer import known_names
from service.guard.lexicon import Found
from service.guard.polarity import is_future
from service.guard.quantities import quantities
from service.guard.words import fold, lemma, text_of
from service.presumed import presumed
from service.reader import SentenceReading

AROUND = " \u00a0\u202f\n\t.,;:!?…«»“”\"'’–—"
_OPEN = re.compile(
    r"\b(?:qui|que|quoi|quel(?:le)?s?|(?:le|la|les)quel(?:le)?s?|où|quand|comment|combien|who(?:m|se)?|what|which|when|where|how)\b"
    r"|\bqu['’]",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\(([^()]*)\)?|([^()]*)\)")  # as a whole, or cut before its other bracket
_OFFERS = re.compile(r"\b(?:ou|or)\b", re.IGNORECASE)  # "a or b?" is answered by one of them
_LEADING = {
    Asked.TIME: re.compile(r"(?:[Ee]n|[Ii]n|[Oo]n|[Ll]e|[Aa]u|[Tt]he|[Dd]ès) (?=\d|\w+ \d)"),
    Asked.NAME: re.compile(
        r"(?:à|aux?|en|dans|par|chez|avec|in|at|by|from|with) (?=(?:l[ea]s? |l['’]|the )?[A-ZÀ-Ý])|d['’](?=[A-ZÀ-Ý])"
    ),
}
_FIGURE = re.compile(  # possessive: it never ends within a number
    r"(?<![\w.,])(?:[$€£¥] ?)?(?:\d{1,3}(?:[ \u00a0\u202f.,]\d{3}(?!\d))++|\d++)(?:[.,]\d++)?+"
    r"(?:(?:bn|tn|mn|[Mm]ds?|[MmKk]|km(?:/h|[²³])?|[ckm]?m[²³]?|[km]?g|[kMG]?W|ha|l|t|p)(?!\w))?+"
    r"(?:[ \u00a0\u202f](?:millions?|milliards?|billions?|trillions?|mille|thousand)(?!\w))?+(?!\w|[.,]\d)"
    r"(?:[ \u00a0\u202f]?[%$€£¥])?"
)
_FROM_TO = re.compile(
    r".*\b(?:de\s|d[’']|from\s)(?P<then>(?:[^,;:()]|(?<=\d),(?=\d)){1,30}?)\s(?:à|to)\s(?P<now>[^;:()]+)$",
    re.IGNORECASE | re.DOTALL,
)
_ER = "(?:e|es|ent|ait|aient|a|èrent|er|era|eront|erait|eraient|ant|é|ée|és|ées)"  # what a French verb ends in
_MOVES = {  # what changes, by where it goes; of French verbs some tell by how much too: « baisser de 5 à 10 % »
    "up": rf"(?:port|relev|remont|élev|doubl|tripl){_ER}|relèv\w+|élèv\w+"
    r"|(?:ris|rais)(?:e|es|ing)|raised|rose|risen|increas(?:e|es|ed|ing)|gr[eo]ws?|grown|growing|jump(?:s|ed|ing)?"
    r"|climb(?:s|ed|ing)?|expand(?:s|ed|ing)?|soar(?:s|ed|ing)?|boost(?:s|ed|ing)?|doubl(?:e|es|ed|ing)",
    "up by": rf"(?:augment|grimp|mont(?!ant)|progress|hauss){_ER}|bondi(?:t|ssent|r|ra)?|augmentation|hausse",
    "down": rf"(?:ramen|tomb|retomb){_ER}|ramèn\w+"
    r"|f[ae]lls?|fallen|falling|drop(?:s|ped|ping)?|cuts?|cutting|lower(?:s|ed|ing)?|reduc(?:e|es|ed|ing|tion)"
    r"|sl(?:id|ides?|iding)|declin(?:e|es|ed|ing)|trim(?:s|med|ming)?|shr[aiu]nk|plung(?:e|es|ed|ing)|slash(?:es|ed|ing)?",
    "down by": rf"(?:abaiss|baiss|chut|recul|diminu){_ER}|réduction|rédui\w+|recul"
    r"|(?:re)?descend(?:u|ue|us|ues|re|ra|ent)?",
    "either": rf"(?:pass|repass|évolu|révis){_ER}|passage|rev(?:u|us|ue|ues|oit)|w[eo]nt|gone|goes|brought"
    r"|mov(?:e|es|ed|ing)|revis(?:e|es|ed|ing)|chang(?:e|es|ed|ing)",
}
_MOVED = re.compile(
    "|".join(rf"\b(?P<{where.replace(' ', '_')}>{words})\b" for where, words in _MOVES.items()), re.IGNORECASE
)
_OBJECT = re.compile(  # what may stand between a verb and « de 64 à 38 »: what changes, when, by whom
    r"\s(?:(?:le|la|les|son|sa|ses|leurs?|ce|cette|ces|the|its|their|his|her|this|that|en|au cours|depuis|durant"
    r"|pendant|par|in|over|during|within|since|last|by|ainsi|donc|back|sharply|again|slightly|\w+ment|\w+ly)\b|l[’'])[^.;:()]*\s",
    re.IGNORECASE,
)
_HAS_RANGE = re.compile(  # those who are of 18 to 25 years, and what lasts
    r"\b(?:âgée?s?|aged?|ages|ouverte?s?|open|vents?|winds?|jeunes|enfants|personnes|hommes|femmes|salariés|élèves|ceux"
    r"|celles|people|children|adults|workers|students|men|women|those)\s$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\b(?:nombre|effectif|total|number)\b", re.IGNORECASE)
_OCLOCK = re.compile(r"\d ?(?:h(?:eures?)?\b|[ap]\.?m\b|o['’]clock|:\d\d)", re.IGNORECASE)
_REACH = 100  # characters before an amount, in which it is said to have changed
_BEFORE = re.compile(r"\b(?:avant|auparavant|jusque|initial\w*|before|previously|until|at first)\b", re.IGNORECASE)
_SAID = {  # who says it stands after its verb: « , a expliqué la porte-parole »; not « , a expliqué que »
    "fr": re.compile(
        r"[,»”]\s*(?:a|ont|avait|avaient)\s(?:[^\W\d]+\s)?(?:dit|déclaré|expliqué|affirmé|annoncé|précisé|indiqué|assuré"
        r"|souligné|ajouté|estimé|confié|rappelé|confirmé|reconnu|dénoncé|prévenu|averti|lancé|répondu|insisté|résumé)\b"
        r"(?!(?:\s\w+)?(?:\sque\b|\squ[’']|\s?[:«])).*",
        re.DOTALL,
    ),
    "en": re.compile(
        r"[,”\"]\s*(?:according to|(?:said|explained|added|told|announced|warned|confirmed)"
        r"(?=\s(?:the|an?|its|his|her|their|our|one|two|both)\b|\s(?!\w+day\b|(?:Jan|Feb|Mar|Apr|May|June|July|Aug|Sep|Oct"
        r"|Nov|Dec))[A-Z]))\b.*",
        re.DOTALL,
    ),
}
_RESUMES = {  # the sentence that was broken off by « , a indiqué l'Élysée, » goes on with its verb
    "fr": re.compile(
        r",\s(?:(?:ne|se|y|en|lui|leur|donc|aussi|ainsi|également|bien)\s|(?:n|s|l)[’'])*(?P<verb>[a-zà-ÿœ]+)\b(?!-)"
    ),
    "en": re.compile(r",\s(?:(?:also|now|still|not)\s)*(?P<verb>[a-z]+)\b(?!-)"),
}
_AUXILIARY = re.compile(
    r"est|sont|a|ont|était|étaient|avait|avaient|va|vont|doit|doivent|devait|peut|peuvent|fut|eut|will|would|can|could|may"
    r"|might|must|should|shall|is|are|was|were|has|have|had|does|do|did"
)
_ASKS_WHO_SAYS = re.compile(
    r"\b(?:di(?:t|re|sent|sait)|parl|déclar|annonc|affirm|expliqu|précis|indiqu|assur|estim|confirm|dénonc|avert|said|say"
    r"|told|tell|announc|explain|claim|warn|spok)\w*",
    re.IGNORECASE,
)
_APART = re.compile(r"[,;:()]| (?:et|and|mais|but|tandis|while|contre) ")
_COUNTED = re.compile(
    r"\b(?:combien d(?:e |['’])|nombre d(?:e |es |['’])|how many |number of )(\w[\w-]*(?: \w[\w-]*)?)", re.IGNORECASE
)
_FOLLOWING = re.compile(r" (\w[\w-]*)")
_OF_ANOTHER = 60  # characters that a mark between a figure and a name counts for
_NOUN = re.compile(r"(?:\b(?:une?|l[ea]s?|des|du|cette|cet?|ces) |\bl['’])?\b([a-zà-ÿ][a-zà-ÿ-]{2,}) $")
_WORD = re.compile(r"[^\W\d_][\w-]*")


def pinpoint(question: str, article: Article, sentence: Span, reading: SentenceReading) -> Span | None:
    """A span of the article's text, without punctuation around it; none where the reader found none."""
    if reading.words is None:
        return None
    span = _bare(reading.words.span, article.text)
    if span is None or reading.tokens is None:
        return span
    mine, others = _of_name(question, article, sentence)
    if mine and (not _meets(span, mine) or _meets(span, others)):
        span = max(mine, key=reading.tokens.score)
    elif _is_open(question) and _is_beside(question, span, article, sentence):
        apart = (_bare(other, article.text) for other in reading.tokens.ranked() if not other.overlaps(span))
        whole = (other for other in apart if other and _is_whole(other, article))
        answering = next((other for other in whole if not _is_beside(question, other, article, sentence)), None)
        if answering is None:
            return None
        span = answering
    span = _changed_to(question, _of_one_thing(question, span, article, sentence), article, sentence)
    return _with_noun(question, _replied(question, span, article.text), article, sentence)


def _bare(span: Span, text: str) -> Span | None:
    said = span.of(text)
    bare = said.strip(AROUND)
    if bracketed := _BRACKETED.fullmatch(bare):
        bare = (bracketed[1] or bracketed[2] or "").strip(AROUND)
    start = span.start + said.index(bare)
    return Span(start, start + len(bare)) if bare else None


def _is_whole(span: Span, article: Article) -> bool:
    """Whether no word is cut, and one of them is no function word."""
    text = article.text
    cut = text[span.start - 1 : span.start].isalnum() or text[span.end : span.end + 1].isalnum()
    return not cut and bool(analyse(span.of(text), article.lang))


def _meets(span: Span, others: Sequence[Span]) -> bool:
    return any(span.overlaps(other) for other in others)


def _is_open(question: str) -> bool:
    """Whether it asks for something that it does not say itself."""
    return bool(_OPEN.search(question)) and not _OFFERS.search(question)


def _is_beside(question: str, span: Span, article: Article, sentence: Span) -> bool:
    """Whether it only repeats the question, or only tells who is quoted where nobody asks for that."""
    return _repeats(question, span, article) or _is_attribution(question, span, article, sentence)


def _is_attribution(question: str, span: Span, article: Article, sentence: Span) -> bool:
    """Whether someone is asked for, and these words lie in « , a expliqué la porte-parole, Sofia Brandt », which shares
    no word with the question."""
    if expected(question).asked is not Asked.NAME or detect(question) not in _SAID:
        return False
    said_by = _attribution(article, sentence)
    if said_by is None or not said_by.overlaps(span):
        return False
    lang = detect(question)
    asked = {*analyse(question, lang), *_terms(question, lang, article)}  # names are the same in either
    return not _ASKS_WHO_SAYS.search(question) and asked.isdisjoint(analyse(said_by.of(article.text), article.lang))


def _attribution(article: Article, sentence: Span) -> Span | None:
    """Where a sentence tells who says it: to its end, or as far as its own clause goes on."""
    lang = article.lang if article.lang in _SAID else "fr"
    said_by = _SAID[lang].search(article.text, sentence.start, sentence.end)
    if said_by is None:
        return None
    resumed = (
        again.start()
        for again in _RESUMES[lang].finditer(article.text, said_by.start() + 1, sentence.end)
        if _is_finite(again["verb"], lang)
    )
    return Span(said_by.start(), next(resumed, sentence.end))


def _is_finite(word: str, lang: str) -> bool:
    """Whether a clause may go on with this verb: « aura », "goes"; no participle, no noun."""
    if _AUXILIARY.fullmatch(word):
        return True
    if lang == "en":
        return word.endswith("s") and lemma(word, "en") != word
    infinitive = lemma(word, "fr")
    other = word.endswith(("é", "ée", "és", "ées", "ant"))
    return is_future(word) or (infinitive != word and infinitive.endswith(("er", "ir", "re")) and not other)


def _repeats(question: str, span: Span, article: Article) -> bool:
    """Whether it says nothing that the question does not; where a name is asked for, whether it names nothing else."""
    said = span.of(article.text)
    terms = set(analyse(said, article.lang))
    if terms and terms <= set(analyse(question, article.lang)):
        return True
    expects = expected(question)
    names = [word for word in _WORD.findall(said) if word[0].isupper() and not is_function_word(word, article.lang)]
    return expects.asked is Asked.NAME and bool(names) and all(fold(name) in expects.named for name in names)


def _replied(question: str, span: Span, text: str) -> Span:
    """Without the preposition that a reply to this question does without."""
    leading = _LEADING.get(expected(question).asked or Asked.REASON)
    found = leading.match(text, span.start, span.end) if leading else None
    return Span(found.end(), span.end) if found and found.end() < span.end else span


def _with_noun(question: str, span: Span, article: Article, sentence: Span) -> Span:
    """« une frappe américaine », where someone is asked for and a people's adjective was found alone."""
    said = span.of(article.text)
    if expected(question).asked is not Asked.NAME or article.lang != "fr" or not said.islower() or " " in said:
        return span
    found = _NOUN.search(article.text[sentence.start : span.start])
    if found is None or is_function_word(found[1], "fr") or not known_names(text_of(said, "fr")):
        return span
    return Span(sentence.start + found.start(), span.end)


def _of_name(question: str, article: Article, sentence: Span) -> tuple[list[Span], list[Span]]:
    """Where an amount is asked of what the sentence names beside others: the figures of it, and those of the others."""
    asked = presumed(question).names
    said = text_of(sentence.of(article.text), article.lang)
    if expected(question).asked is not Asked.AMOUNT or len(said.raw) != len(sentence.of(article.text)):
        return [], []
    names = [name for name in known_names(said) if not name.weak]
    if not {name.member for name in names} - asked or not asked & {name.member for name in names}:
        return [], []
    mine: list[Span] = []
    others: list[Span] = []
    for figure in _FIGURE.finditer(said.raw):
        if not is_year(figure):
            owner = min(names, key=lambda name: _between(name, figure, said.raw))
            place = Span(sentence.start + figure.start(), sentence.start + figure.end())
            (mine if owner.member in asked else others).append(place)
    return mine, others


def _of_one_thing(question: str, span: Span, article: Article, sentence: Span) -> Span:
    """Of a span that tells how many there are of several things, the figure of what is counted: 36 of « 9600 militaires
    de 36 pays », where one asks how many countries."""
    counted = _COUNTED.search(question)
    if counted is None or expected(question).asked is not Asked.AMOUNT:
        return span
    terms = _terms(counted[1], detect(question), article)
    figures = [
        (Span(*figure.span()), analyse(after[1], article.lang))
        for figure in _FIGURE.finditer(article.text, span.start, span.end)
        if (after := _FOLLOWING.match(article.text, figure.end(), sentence.end))
    ]
    things = [(figure, thing) for figure, thing in figures if thing]  # « 40 à 50 000 » is one amount
    mine = [figure for figure, thing in things if not terms.isdisjoint(thing)]
    return mine[0] if len(mine) == 1 < len(things) else span


def _changed_to(question: str, span: Span, article: Article, sentence: Span) -> Span:
    """Of « ramené de 64 à 38 » or "raised from 280 to 560", the amount that it is now; not of « 2 à 5 ans »."""
    start = max(sentence.start, span.start - _REACH)
    told = _FROM_TO.match(article.text[start : span.end]) if article.lang in _SAID else None
    if told is None or start + told.start("now") <= span.start or _BEFORE.search(question):
        return span
    return Span(start + told.start("now"), span.end) if _has_changed(told, article.lang) else span


def _has_changed(told: re.Match[str], lang: str) -> bool:
    """Whether « de 64 à 38 » follows a verb of change and goes where that goes: a range grows, and follows none."""
    then, now = (quantities(text_of(told[when], lang)) for when in ("then", "now"))
    if not then or not now or (then[0].year and now[0].year):
        return False
    before = re.sub(r"(?:de\s|d[’']|from\s)$", "", told.string[: told.start("then")], flags=re.IGNORECASE)
    moved = next(reversed([*_MOVED.finditer(before)]), None)
    if moved is None:
        return False
    grows = max(then[0].values) < max(now[0].values)
    between = before[moved.end() :]
    where = str(moved.lastgroup)
    if where.startswith("down" if grows else "up"):
        return False
    if between.strip() and not _OBJECT.fullmatch(between):
        return False
    if not grows:
        return True
    both = then[0].percent or then[0].unit  # « de 3,1 % à 3,4 % »
    of_a_range = _HAS_RANGE.search(before) and not _NUMBERED.search(between)
    return bool((where != "up_by" or both) and not of_a_range and not _OCLOCK.search(told["now"]))


def _terms(words: str, lang: str, article: Article) -> set[str]:
    """Those of words in `lang`, in the article's language."""
    terms = analyse(words, lang)
    return set(terms) if lang == article.lang else {other for term in terms for other in translations(term, lang)}


def _between(name: Found, figure: re.Match[str], text: str) -> int:
    """How far apart a name and a figure are: nothing where the figure is in brackets just after the name."""
    before = name.end <= figure.start()
    between = text[name.end : figure.start()] if before else text[figure.end() : name.start]
    if before and between.strip() == "(":
        return 0
    return len(between) + _OF_ANOTHER * len(_APART.findall(between))
