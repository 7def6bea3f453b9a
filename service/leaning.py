"""Tells whether a question speaks of something that only the questions before it name: "Why did **he** resign?".

A pronoun whose noun stands before it in the same question leans on nothing: « Le chômage **a-t-il** baissé ? »,
"Which company recalled **its** cars?". Rules on words; knows no model and no conversation.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from index.analysis import query_terms
from index.language import detect
from service.slots import WEEKDAYS, plain, slots

_FEWEST_TERMS = 2  # of a question that stands alone
_LONG = 5  # terms: of so many, "the company" is told by the others


class _Use(StrEnum):
    SUBJECT = "subject"
    OWNER = "owner"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class _Pronoun:
    """`plural`, `female`: what its noun must be; `None` where it may be either."""

    start: int
    use: _Use
    plural: bool | None
    female: bool | None
    inverted: bool


@dataclass(frozen=True, slots=True)
class _Noun:
    """A noun with its determiner. `asked`: what is asked for itself, "which company". `governed`: by a preposition."""

    start: int
    end: int
    plural: bool | None
    female: bool | None
    asked: bool
    governed: bool


def _any(words: str) -> str:
    """An alternative of these words."""
    return "|".join(words.split())


_I = re.IGNORECASE
_TIMES = (
    WEEKDAYS
    + "|"
    + _any(
        """ann[ée]e semaine mois matin(?:[ée]e)? soir(?:[ée]e)? nuit [ée]t[ée] hiver automne printemps saison week-?end
    jours? journ[ée]e si[èe]cle d[ée]cennie apr[èe]s-midi trimestre semestre fois years? weeks? months? mornings?
    evenings? afternoons? nights? summers? winters? autumns? springs? seasons? weekends? days? century decades?
    quarters? time christmas easter january february march april may june july august september october november
    december"""
    )
)
_BE = r"(?:is|are|was|were|will be|has been|have been|'s|est|sont|était|étaient|fut|sera|seront)"
_AUXILIARY = r"(?:do|does|did|has|have|had|is|are|was|were|will|would|can|could|should|may|might|must)(?:n't| not)?"
_VERBS = _any("est sont était étaient sera is are was were did do does has have will")
_TRUE = _any("vrai possible pr[ée]vu arriv[ée] interdit obligatoire permis nécessaire question temps prouvé conseillé")
_HAPPENS = _any("faut faudra faudrait fallait existe reste fait faisait fera pleut neige suffit semble vaut arrive")
_GOVERNING = _any(
    """à de en dans pendant après avant sur sous pour in on at of to for from during after before with by"""
)
_JOINING = _any("and but or if when after before that who which so et mais ou si quand que qui donc puis")
_ASKING = _any("que qui who what when why how où quand pourquoi comment combien")
_BEFORE_THAT = _any(
    """of in on for with from about by at after before during is was did does has voted approved passed signed"""
)
_WHEN = _any("in at on for to from with after before last this yesterday today")
_DETERMINERS = _any(
    """le la les un une des du au aux l' the an? ces? cette cet mon ma mes notre nos votre vos my our your"""
)

_COUNTS_NOTHING_NAMED = re.compile(
    r"\bhow many (?:are|were|will be) (?:there|left)\b|\b(?:are|were) there any\b(?=\W*$| (?:in|at|on|left|more)\b)"
    r"|\bhow many of (?:them|these|those)\b|\b(?:combien|y) en (?:a|ont|avai\w+|reste\w*)\b|\bcombien d'entre\b"
    r"|\bqu'en (?!est)\w",
    _I,
)
_DEFINES = re.compile(
    r"^\W*(?:qu'est[- ]ce qu|c'est quoi une?\b|que sont\b|what (?:is|are) (?:an? )?[\w-]+\W*$|what does [\w-]+ mean)",
    _I,
)
_IMPERSONAL = re.compile(
    "|".join(
        (
            r"\bil (?:y (?:a|avait|aura|aurait|en a)|n'y (?:a|avait)|s'agit|se passe|s'est (?:pass|produit)\w*)\b",
            rf"\bil (?:{_HAPPENS}|para[iî]t|est (?:{_TRUE}))\b",
            r"\bil (?:[mts]'|[mt]e |lui |nous |vous |leur )?manque\w*",
            r"\by a(?:vait|ura|urait)?(?:[-' ]t)?[-' ]il\b|\bs'(?:est|agit|agissait)[- ]il\b",
            r"\b(?:faut|fallait|fai[st]|fait|faisait|pleut|vaut|suffit)[- ]il\b|\ba-t-il (?:fallu|plu|neigé)\b",
            r"\b(?:faudra|fera|neige|semble|existe|reste|manque|passe|arrive)(?:[- ]t)?[- ]il\b|\bheure est[- ]il\b",
            rf"\best[- ]il (?:(?:{_TRUE}|que)\b|(?:[\w-]+ ){{1,3}}(?:que?\b|qu'|de\b|d'|pour\b|à\b))",
            r"\b(?:is|was|isn't|will) it (?:be )?(?:[\w-]+ ){1,3}(?:to|that|if|when)\b|\bit (?:be )?(?:rain|snow)\w*",
            r"\bit (?:is|was) \w+ (?:to|that|if)\b|\bit (?:take|cost|matter|mean|happen)s? .*\b(?:to|that|if|for)\b",
            r"\bwhat time is it\b|\bça se (?:fait que|passe (?:à|au|en|si|quand))",
            r"\bça (?:coûte|coute|prend|fait|dure|sert à|veut dire) .*\b(?:une?|[dl]es?|la|du|à|pour)\b",
        )
    ),
    _I,
)
_PRONOUN = re.compile(
    r"(?P<inverted>(?<=-)(?:ils?|elles?)\b)"
    r"|\b(?P<place>là-bas|là-dedans|(?<!')y(?= (?!(?:a|avait|aura|aurait|en|compris)\b)\w)"
    r"|c(?:elui|elle|eux|elles)-(?:ci|là)|cela|ça)\b"
    r"|(?<!\ble )(?<!\bdu )(?<!\bun )\b(?P<owner>son|sa|ses|leurs?|his|its|their)\b(?=\s\w)"
    rf"|\b(?P<her>her)\b(?=\s(?!(?:{_WHEN})\b)\w)"
    r"|(?:(?<=\bavec )|(?<=\bpour )|(?<=\bcontre )|(?<=\bchez )|(?<=\bsans )|(?<=\bpar )|(?<=\bde )|(?<=\bd')"
    r"|(?<=\bselon ))(?P<after>elles?|eux|lui)\b"
    r"|\b(?P<object>lui|eux|leur|him|them|her|hers|theirs)\b"
    rf"|\b(?P<end>it)\b(?=\W*$|\s(?:{_WHEN}|by|and)\b)"
    r"|\b(?P<subject>ils?|elles?|he|she|they|it)\b",
    _I,
)
_USES = {"owner": "owner", "her": "owner", "after": "owner", "subject": "subject", "inverted": "subject"}
_PLURAL = {
    **dict.fromkeys(("il", "elle", "he", "she", "it", "son", "sa", "ses", "his", "its", "her"), False),
    **dict.fromkeys(("ils", "elles", "leur", "leurs"), True),
}
_FEMALE = {"elles": True, "il": False, "elle": True}
_NOUN = re.compile(
    r"(?P<asked>\b(?:quel(?P<female>le)?(?P<plural>s)?|combien (?P<count>d)(?:e|')|which|what|how (?P<many>many)"
    rf"|how much)\b\s?)(?:of the |des |de )?(?!(?:{_VERBS})\b)[^\W\d_][\w-]*"
    rf"|(?<![\w-])(?P<determiner>{_DETERMINERS})(?:(?<=')|\s)(?!(?:\w+-)?(?:ils?|elles?)\b)[^\W\d_][\w-]*"
    r"|\b(?P<anyone>rien|chacune?|personne|quelqu'un|tout le monde|nobody|everyone|everybody|someone|anyone)\b",
    _I,
)
_ARTICLES = {  # whether what they determine is plural, and female
    **dict.fromkeys(("le", "un", "du", "au", "ce", "cet"), (False, False)),
    **dict.fromkeys(("la", "une", "cette", "ma"), (False, True)),
    **dict.fromkeys(("l'", "mon", "notre", "votre", "a", "an"), (False, None)),
    **dict.fromkeys(("les", "des", "aux", "ces", "mes", "nos", "vos"), (True, None)),
    **dict.fromkeys(("the", "my", "our", "your"), (None, None)),
}
_ONLY_AUXILIARY = re.compile(rf"[^,;]*?\b{_AUXILIARY}\s$", _I)
_GOVERNS = re.compile(rf"\b(?:{_GOVERNING}) $", _I)
_NEXT_CLAUSE = re.compile(rf"[,;:.]|\b(?:{_JOINING})\b", _I)
_OF = re.compile(r"(?:\s[\w-]+)?\s(?:of|de|d)\W$", _I)
_PREDICATE = re.compile(
    r"^\W*(?:(?:et|and|so|but|donc|alors|mais)\W+)?"
    rf"(?:what|who|which|where|when|how|quel(?:le)?s?|qui|où|c'est (?:quoi|qui|où))(?:\s[\w-]+)?\s?{_BE}\s$",
    _I,
)
_COPULA = re.compile(rf"\s{_BE}\s$", _I)
_ASKS_AGAIN = re.compile(rf"[,;:]|\b(?:qu'|{_ASKING})\b", _I)
_THIS = re.compile(
    r"(?<![\w-])(?:ce|cet|cette|ces)\s(?:(?:derni|proch|prem|mêm)\w+\s)?"
    rf"(?!(?:{_TIMES}|que?|qui|dont|sont|n|ne|sera|serait|fut|soit|à)\b)(?=[^\W\d_])(?P<fr>[\w-]+)"
    rf"|\b(?:this|these|those)\b(?!\s(?:(?:past|last|next|coming)\s)?(?:{_TIMES})\b)(?:\s(?P<en>[\w-]+))?"
    rf"|\b(?:{_BEFORE_THAT})\sthat\b(?!\s(?:{_TIMES})\b)|\bthat\W*$",
    _I,
)
_THE_COMPANY = re.compile(
    r"\bthe (?:company|firm|country|organi[sz]ation|party|club)\b(?!\s(?:of|in|that|which|who|behind|with)\b)"
    r"|(?:\bl'(?:entreprise|organisation|association)|\b(?:la société|le pays|le parti|le club))(?=\W*$"
    r"|\s(?:elle|il|va|est|a|doit|emploie|compte|vaut)\b|\s[\w-]+-(?:t-)?(?:elle|il)\b)|\bdu (?:pays|parti|club)\W*$",
    _I,
)
_THERE = re.compile(r"\bthere\b", _I)
_EXISTS_BEFORE = re.compile(r"\b(?:is|are|was|were|be|been|will|has|have|isn't|aren't)\s$", _I)
_EXISTS_AFTER = re.compile(r"(?:'s|\s(?:is|are|was|were|has|have|had|will|would|be|being))\b", _I)


def leans(question: str) -> bool:
    """Whether it speaks of something without naming it, or says next to nothing ("Depuis quand ?")."""
    said, lang = plain(question), detect(question)
    named = slots(question, lang)
    terms = len(query_terms(question, ("fr", "en")))
    says_little = not named and terms < _FEWEST_TERMS and not _DEFINES.search(said)
    if _COUNTS_NOTHING_NAMED.search(said) or says_little:
        return True
    names = [slot.start for slot in named]
    if any(not _is_named_after(found, names) for found in _THIS.finditer(said)):
        return True
    if (not named and terms < _LONG and _THE_COMPANY.search(said)) or any(
        _is_place(found, said, names) for found in _THERE.finditer(said)
    ):
        return True
    nouns = list(_nouns(said, lang))
    return any(not _is_bound(pronoun, said, names, nouns) for pronoun in _pronouns(said))


def _is_named_after(found: re.Match[str], names: Sequence[int]) -> bool:
    """« cette mission en Irak » is told by what follows."""
    return bool(found["fr"] or found["en"]) and any(0 <= start - found.end() <= 1 for start in names)


def _is_place(there: re.Match[str], said: str, names: Sequence[int]) -> bool:
    """Whether "there" is some place, and not what exists: "Is there a vaccine against malaria?"."""
    if any(start < there.start() for start in names):
        return False
    exists = _EXISTS_BEFORE.search(said[: there.start()]) or _EXISTS_AFTER.match(said, there.end())
    return not exists or not re.search(r"\w", said[there.end() :])


def _pronouns(said: str) -> Iterator[_Pronoun]:
    impersonal = [found.span() for found in _IMPERSONAL.finditer(said)]
    for found in _PRONOUN.finditer(said):
        if any(start <= found.start() < end for start, end in impersonal):
            continue
        group, word = str(found.lastgroup), found[0].lower()
        use = _Use(_USES.get(group, "object"))
        yield _Pronoun(found.start(), use, _PLURAL.get(word), _FEMALE.get(word), group == "inverted")


def _nouns(said: str, lang: str) -> Iterator[_Noun]:
    """Nouns that a pronoun may stand for; what something is asked to be ("What is **the size** of …") is none."""
    for found in _NOUN.finditer(said):
        if found["asked"]:
            several = bool(found["plural"] or found["count"] or found["many"])
            plural = several if several or found["asked"].lower().startswith("quel") else None
            female = bool(found["female"]) if plural is False else None
            yield _Noun(found.start(), found.end(), plural, female, asked=True, governed=False)
        elif found["anyone"]:
            yield _Noun(found.start(), found.end(), None, None, asked=False, governed=False)
        elif found["determiner"].lower() == "a" and lang == "fr":  # « a dit »
            continue
        elif not _PREDICATE.search(said[: found.start()]):
            governed = found["determiner"].lower() in ("du", "au", "aux") or bool(
                _GOVERNS.search(said[: found.start()])
            )
            number = _ARTICLES[found["determiner"].lower()]
            yield _Noun(found.start(), found.end(), *number, asked=False, governed=governed)


def _is_bound(pronoun: _Pronoun, said: str, names: Sequence[int], nouns: Sequence[_Noun]) -> bool:
    """Whether what it stands for comes before it in the question."""
    if any(start < pronoun.start for start in names):
        return True
    if pronoun.use is _Use.OWNER and names and "," in said[pronoun.start :]:
        return True  # « Au plus fort de son engagement, combien de militaires l’OTAN avait-elle … »
    return any(noun.end <= pronoun.start and _may_stand_for(pronoun, noun, said) for noun in nouns)


def _may_stand_for(pronoun: _Pronoun, noun: _Noun, said: str) -> bool:
    differs = (
        None not in (pronoun.plural, noun.plural) and pronoun.plural != noun.plural,
        None not in (pronoun.female, noun.female) and pronoun.female != noun.female,
    )
    if any(differs):
        return False
    between = said[noun.end : pronoun.start]
    if pronoun.use is _Use.OWNER:
        return not _OF.match(between) and not (noun.asked and _COPULA.fullmatch(between))
    if pronoun.use is _Use.OBJECT:
        return bool(_NEXT_CLAUSE.search(between))
    if noun.governed and _ASKS_AGAIN.search(between):
        return False
    if pronoun.inverted:
        return not noun.asked
    return not _ONLY_AUXILIARY.fullmatch(between)
