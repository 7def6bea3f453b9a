"""What is restricted, possible or necessary, and when it happens: of a rendering against its evidence."""

import re
from collections.abc import Iterator, Sequence

from service.guard.lexicon import Found, TermSet, differing, says, term_sets
from service.guard.types import Kind, Pair, Problem
from service.guard.words import Text, Token, is_common, lemma, text_of, tokens

NE = re.compile(
    r"(?:\bne |\bn')(?P<verb>(?:[a-z]+'\s?)?(?:[\w-]+[ ,]+){0,6}?)"
    r"(?P<particle>pas|plus|jamais|rien|personne|aucun|aucune|ni|guere|point|nul|nulle|nullement)\b"
)
_ONLY = re.compile(r"(?:\bne |\bn')(?!empeche)(?:[a-z]+'\s?)?(?:[\w-]+[ ,]+){1,6}?(?P<que>que |qu')")
NO_LONGER_BUT = re.compile(
    r"(?:\bne |\bn')(?:[a-z]+'\s?)?(?:[\w-]+[ ,]+){1,3}?plus (?:que |qu')"
)  # « il ne reste plus que »
_RELATIVE = re.compile(
    r" (?:le|la|les|un|une|ce|cette|ces|son|sa|ses|leurs?|des|du) (?:[\w-]+ )+(?:que |qu')(?:on|ils?|elles?)\b"
)
_FUTURE_STEM = re.compile(r"(?:r)(?:ai|as|a|ons|ez|ont)$")
_CONDITIONAL = re.compile(r"r(?:ais|ait|ions|iez|aient)$")
_IRREGULAR = re.compile(
    r"(?:(?:par|re|de|con|main|ob|ap|sou|sur|inter|pro)?(?:viend|tiend)"
    r"|(?:ac|re)?cueille|ser|aur|pourr|devr|voudr|faudr|ir|fer|verr|enverr|courr|mourr|saur|vaudr|recevr|pleuvr|acquerr)"
    r"r?(?:ais|ait|ions|iez|aient|ai|as|a|ons|ez|ont)$"
)
_ENGLISH_FUTURE = re.compile(
    r"\bwill\b|'ll\b|\bwon't\b|\bshall\b|(?:\b(?:is|are|am)|'s|'re|'m) going to (?!the |an? |his |her |its |their )"
)

_WILL_AS_NOUN = re.compile(
    r"\b(?:the|a|his|her|their|its|our|my|your|no|of|political|popular|good|ill|free|strong|general|own|national|common"
    r"|last|people's|god's|against) will\b(?! (?:be|have|not|also|never|soon)\b)"
)
""" "the will to reform" (« la volonté »), which nothing is to come of."""


def restriction(pair: Pair) -> Iterator[Problem]:
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    terms = term_sets("modality")["restriction"]
    yield from differing(Kind.RESTRICTION, _restrictions(evidence, terms), _restrictions(rendering, terms))


def modality(pair: Pair) -> Iterator[Problem]:
    """ "may" for "is", "must" for "does", and a conditional that was dropped."""
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    for name in ("possibility", "obligation", "nearly", "suspended"):
        terms = term_sets("modality")[name]
        yield from differing(Kind.MODALITY, _meant(terms.find(evidence)), _meant(terms.find(rendering)))
    for one, other, missing in ((evidence, rendering, True), (rendering, evidence, False)):
        said = _conditional(one)
        if said and not _may_be_conditional(other):
            yield Problem(Kind.MODALITY, expected=said) if missing else Problem(Kind.MODALITY, found=said)


def tense(pair: Pair) -> Iterator[Problem]:
    """The future of the evidence, told as what has happened, or the reverse."""
    evidence, rendering = text_of(pair.evidence, pair.evidence_lang), text_of(pair.rendering, pair.lang)
    if (said := future(evidence) or _planned(evidence)) and not _may_be_future(rendering, evidence):
        yield Problem(Kind.TENSE, expected=said)
    elif (said := future(rendering)) and not _may_be_future(evidence, rendering):
        yield Problem(Kind.TENSE, found=said)


def _restrictions(text: Text, terms: TermSet) -> list[Found]:
    found = [each for each in terms.find(text) if not re.search(r"(?:non|pas|not) $", text.folded[: each.start])]
    if text.lang == "en":
        return found
    for m in _ONLY.finditer(text.folded):
        if NO_LONGER_BUT.match(text.folded, m.start()) or _restricts(m, text):
            found.append(Found("only", m[0].strip(), m.start(), m.end(), False))
    return found


def _restricts(only: re.Match[str], text: Text) -> bool:
    """Whether « ne … que » does: not where it denies, opens a clause or compares, nor where « que » is of a noun."""
    return not (
        NE.match(text.folded, only.start())
        or says("says_that", Text(only[0], only[0], "fr"))
        or _COMPARES.search(text.folded[: only.start()])
        or _RELATIVE.search(only[0] + text.folded[only.end() : only.end() + 6])
    )


_COMPARES = re.compile(r"\b(?:plus|moins|autre|mieux|avant|sans|crain\w*|pire|meme) \w*$")


def _meant(found: list[Found]) -> list[Found]:
    """Without the month of May."""
    return [each for each in found if each.said != "May" or each.start == 0]


def _conditional(text: Text) -> str:
    if text.lang == "en":
        found = re.search(r"\breportedly\b|\ballegedly\b|\bsaid to (?:be|have)\b", text.folded)
        return found[0] if found else ""
    return next((t.raw for t in tokens(text) if is_conditional(t.raw.lower())), "")


def is_conditional(word: str) -> bool:
    """« pourrait », « augmenterait »; not « entrait »."""
    if not _CONDITIONAL.search(word) or len(word) < 6:
        return False
    return _from_infinitive(word)


def _from_infinitive(word: str) -> bool:
    plain = text_of(word, "").folded
    if _IRREGULAR.match(plain):
        return True
    infinitive = text_of(lemma(word, "fr"), "").folded
    if infinitive == plain and re.search(r"[^aeiou][ei]r(?:a|ont|ait|aient)$", plain) and len(plain) > 6:
        return True  # a verb that the word list lacks (« rouvrira »)
    if not infinitive.endswith(("er", "ir", "re")) or infinitive == plain:
        return False
    stem = infinitive.removesuffix("e")
    return (
        plain.startswith(stem)
        if not infinitive.endswith("er")
        else plain.startswith(infinitive)
        or bool(
            re.search(r"[^r]er(?:ai|as|a|ons|ez|ont|ais|ait|ions|iez|aient)$", plain)
            and plain[:3] == infinitive[:3]
            and not infinitive.endswith("rer")
        )
    )


def _may_be_conditional(text: Text) -> bool:
    if text.lang == "en":
        return says("conditional", text)
    return (
        bool(_conditional(text) or future(text))
        or bool(term_sets("modality")["possibility"].find(text))
        or bool(re.search(r"\bselon\b|d'apres|\bdit\b", text.folded))
    )


_PLANNED = {
    "fr": re.compile(
        r"(?<!\bn')(?<!\bne )\b(?:entend|entendent|compte|comptent|(?:prevoi(?:t|ent)|envisagent?) d[e'])"
        r" ?(?!parler|dire|crier|(?:entre|quatre|notre|votre|autre|outre|contre|hier|premier|dernier)\b)"
        r"\w+(?:er|ir|re|oir)\b"
    ),
    "en": re.compile(
        r"\b(?:is|are) (?:now |also |still )?(?:(?:set|expected|scheduled|slated) to\b(?! music\b)"
        r"|due to (?:be|begin|start|end|open|close|run|last|vote|meet|take|leave|arrive|return|appear|speak|visit"
        r"|testify|stand|retire|expire|resume)\b)"
        r"|(?<!not )\b(?:plans?|intends?) to\b"
    ),
}


def _planned(text: Text) -> str:
    """What is said to be intended or due; empty where nothing is."""
    found = _PLANNED[text.lang].search(text.folded)
    return found[0] if found else ""


def future(text: Text) -> str:
    """The first verb in the future, as it is written; empty where there is none."""
    if text.lang == "en":
        found = _ENGLISH_FUTURE.search(_WILL_AS_NOUN.sub(lambda noun: " " * len(noun[0]), text.folded))
        return found[0] if found else ""
    words = tokens(text)
    for number, word in enumerate(words):
        before = words[number - 1].folded if number else ""
        if is_future(word.raw) and before not in _BEFORE_NOUN:
            return word.raw
        if word.folded in _GOING and _infinitive_after(words[number + 1 : number + 6]):
            return word.raw
    return ""


_BEFORE_NOUN = frozenset(["un", "une", "du", "au", "ce", "cette", "de", "d"])
_GOING = frozenset(["va", "vont", "vais", "allons"])
_BETWEEN = frozenset([
    "se", "s", "'", "-", "t", "il", "elle", "ils", "elles", "on", "le", "la", "les", "l", "y", "en", "lui", "leur",
    "nous", "vous", "pas", "plus", "aussi", "bientot", "desormais", "donc", "alors"
])  # fmt: skip
_INFINITIVE = re.compile(r"\w+(?:er|ir|re|oir)")


def _infinitive_after(words: Sequence[Token]) -> bool:
    """« vont se revoir »; not « va à Paris »."""
    first = next((word for word in words if word.folded not in _BETWEEN and not word.folded.endswith("ment")), None)
    return bool(
        first and _INFINITIVE.fullmatch(first.folded) and text_of(lemma(first.raw, "fr"), "").folded == first.folded
    )


def is_future(word: str) -> bool:
    lower = word.lower()
    if len(lower) < 4 or not word[0].islower() or not _FUTURE_STEM.search(lower):
        return False
    return _from_infinitive(lower) or _ends_as_future(lower)


_UNKNOWN_FUTURE = re.compile(r"\w{2,}(?:[ei]r|[dtvr]r|uir|oir)(?:a|ont)")


def _ends_as_future(word: str) -> bool:
    """A verb that the word list lacks (« rouvrira », « desservira »), told by its ending; not « opéra »."""
    plain = text_of(word, "").folded
    unlisted = text_of(lemma(word, "fr"), "").folded == plain and not is_common(word, "fr")
    return unlisted and bool(_UNKNOWN_FUTURE.fullmatch(plain))


_ENGLISH_TO_COME = re.compile(
    r"\b(?:will|'ll|shall|would|may|can(?:not)?|could|must|should|might|needs?|'d)\b|\bwon't\b|\bcan't\b"
    r"|\b(?:is|are|am|'s|'re|be) (?:\w+ ){0,2}?\w+ing\b"
    r"|\b(?:due|set|going|about|expected|scheduled|planned|plans?|likely|ready|bound|intends?|supposed|wants?) to\b"
    r"|\b(?:is|are|was|were|has|have|had) (?:\w+ )?to [a-z]"
    r"|\b(?:planning|planned|intentions?|intending|aims?|hopes?|seeks?|mulls?|weighs?|eyes|considers?|envisag\w+)\b"
)
_IN_A_CLAUSE = {
    "fr": re.compile(r"\b(?:quand|lorsqu\w+|(?:des|tant|aussitot|apres|jusqu'a ce) qu\w*|une fois|si|s'ils?)\b"),
    "en": re.compile(
        r"\b(?:when|once|until|as long as|as soon as|after|before|while|if)\b"
        r"(?!(?: (?!(?:is|are|has|have|be|gets?)\b)[\w'-]+){1,5}? (?:was|were|had|did|\w+[^\We]ed)\b)"
    ),
}
_FRENCH_TO_COME = re.compile(
    r"\b(?:doi(?:t|vent|s)|dev[aor]\w+|peu(?:t|vent|x)|pourr\w+|puiss\w+|veu(?:t|lent|x)|voul\w+|compt(?:e|ent|ait|aient)"
    r"|pre(?:vu|voi|voy)\w*|demain|prochain\w*|bientot|futur\w*|sur le point|faut|soit|soient|d'ici|attendu\w*"
    r"|entend(?:ent|ait)?|souhait\w+|esper\w+|envisag\w+|prome\w+|promis\w*|engag\w+|propos\w+|perme\w+|afin|appel\w+"
    r"|vis(?:e|ent|ait|ant)|cens\w+|risqu\w+|menac\w+|pret\w*|intention\w*|projet\w*|plans?"
    r"|appret\w+|attend\w*|programm\w+|destin\w+|en passe)\b"
)


def _may_be_future(text: Text, other: Text) -> bool:
    """English may say "is leaving", and a present where French has a future in a clause of time."""
    if text.lang == "en":
        clause = _IN_A_CLAUSE["en"].search(text.folded) and _IN_A_CLAUSE[other.lang].search(other.folded)
        return bool(_ENGLISH_TO_COME.search(text.folded) or clause)
    return bool(future(text) or _conditional(text) or _FRENCH_TO_COME.search(text.folded))
