"""Whether a day is told as past: by a verb of the past that it belongs to, and by nothing else.

« Le procès s'ouvre lundi » is of a Monday to come, and so may be whatever is planned, wished, allowed or told in the
present. So a day counts as past where a perfect or a preterite says what was done on it and no other verb may come
between, or after « depuis ». What is missed is left as it is written; a false date would be told as true.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from service.guard.lexicon import Found
from service.guard.polarity import is_conditional, is_future
from service.guard.words import Text, Token, lemma, tokens


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


@dataclass(frozen=True, slots=True)
class _Verb:
    """A group of the past, from its first to its last token. `plans` what may be of a day to come (« a convoqué une
    réunion lundi »); `copula` where nothing was done ("was"); `finite` unless it may be a participle alone."""

    first: int
    last: int
    plans: bool = False
    copula: bool = False
    finite: bool = True


_NEAR = 80  # characters before a day, in which what is said of the night or of another day stands
_MOST_BETWEEN = 14  # tokens between a verb and its day
_MOST_AFTER = 20  # tokens between a day and the verb that follows
_MARKS = _set(', ; : ( ) « » “ ” „ " [ ]')
_JOINS = {
    "fr": _set(
        "et ou mais car donc puis alors tandis pendant avant après afin quand lorsque lorsqu puisque puisqu si comme"
        " jusque jusqu pour sans dès selon"
    ),
    "en": _set(
        "and or but while when if because before after until till as than though although so ahead since unless"
    ),
}
_RELATES = {
    "fr": _set("qui que qu dont où lequel laquelle lesquels lesquelles duquel auquel"),
    "en": _set("who whom whose which that where what how why whether"),
}
_BY_ITSELF = {  # a day after one of these is no day on which the verb was done
    "fr": _set(
        "à a au aux pour de d du avant après jusque jusqu vers entre par sur en ici dès contre sous hors sauf comme"
    ),
    "en": _set(
        "for until till by to before after from of through between in at with into next than ahead about as like unlike"
    ),
}
_BESIDE_DAY = {  # words that stand between a verb and its day
    "fr": _set("tôt tard ce hier aussi"),
    "en": _set("on late early this here there again"),
}
_SINCE = {
    "fr": re.compile(r"\bdepuis (?:la nuit de )?$", re.IGNORECASE),
    "en": re.compile(r"\bsince (?:late |early )?$", re.IGNORECASE),
}
_NIGHT = re.compile(
    r"(?:,? ?(?:dans|durant|pendant|overnight) )?(?:la nuit d[eu]|(?:the )?night of) "
    r"(?:[a-z]+di (?:soir )?(?:à|au) )?$",
    re.IGNORECASE,
)
_COMPARED = re.compile(  # « 31 % mercredi, contre 38 % lundi et 35 % mardi »
    r"(?: (?:soir|matin))?(?:,? (?:contre|et|against|and|compared with) [\d.,]+ ?(?:%|[^\W\d]+)?"
    r"(?: (?:on )?[a-z]+d(?:i|ay))?)+ (?:on )?$",
    re.IGNORECASE,
)
_AFTER_DAY = {  # what may follow an aside
    "fr": re.compile(r"(?: (?:soir|matin|après-midi|midi|dernier))?\s*(?:[,.;:)»!?]|$)"),
    "en": re.compile(r"(?: (?:morning|evening|night|afternoon))?\s*(?:[,.;:)”\"!?]|$)"),
}


def is_past(day: Found, text: Text, *, closely: bool = False) -> bool:
    """`closely`, only a verb just before the day counts, or after it."""
    before = text.raw[: day.start]
    if _SINCE[text.lang].search(before, max(0, day.start - _NEAR)):
        return not closely
    if text.raw.startswith("'s ", day.end):  # "Sunday's election"
        return False
    end = _end_of_clause(before, text.raw[day.end :], text.lang)
    words = tokens(text)
    at = next((n for n, word in enumerate(words) if word.start >= end), len(words))
    while at and words[at - 1].folded in _BESIDE_DAY[text.lang]:
        at -= 1
    if at and words[at - 1].raw.lower() in _BY_ITSELF[text.lang]:
        return _is_within(day, text)
    start = _start_of_clause(words, at, text.lang)
    verbs = _verbs(text)
    inside = [verb for verb in verbs if start <= verb.first and verb.last < at]
    if inside:
        return _governs(inside[-1], at, start, text, closely=closely)
    if _is_within(day, text) or (at and text.lang == "fr" and _OF_BEING.fullmatch(words[at - 1].folded)):
        return True
    if _other_verb(text, start, at) or any(_is_participle(word) for word in words[start:at] if text.lang == "fr"):
        return False
    following = next((n for n, word in enumerate(words) if word.start >= day.end), len(words))
    return _follows(following, text, closely=closely)


def _end_of_clause(before: str, after: str, lang: str) -> int:
    """Where the words end that the day belongs to."""
    end = len(before)
    near = max(0, end - _NEAR)
    if found := _NIGHT.search(before, near) or _COMPARED.search(before, near):
        end = found.start()
    bare = before[:end].rstrip(" ")
    if bare.endswith(",") and (end < len(before) or _AFTER_DAY[lang].match(after)):
        return len(bare) - 1
    return end


def _start_of_clause(words: Sequence[Token], at: int, lang: str) -> int:
    """The first token after the last mark or joining word before the day."""
    for n in range(at - 1, -1, -1):
        if words[n].folded in _MARKS or words[n].raw.lower() in _JOINS[lang] | _RELATES[lang]:
            return n + 1
    return 0


def _is_within(day: Found, text: Text) -> bool:
    """« ont mercredi placé »: between the auxiliary and its participle."""
    words = tokens(text)
    at = next((n for n, word in enumerate(words) if word.start >= day.start), 0)
    if text.lang != "fr" or not 0 < at < len(words) - 1 or words[at - 1].raw not in _HAVE:
        return False
    return _is_participle(words[at + 1]) and not _PLANNED["fr"].fullmatch(words[at + 1].folded)


def _governs(verb: _Verb, at: int, start: int, text: Text, *, closely: bool) -> bool:
    """Whether what the verb tells was done on the day that begins at a token after it."""
    words, earlier = tokens(text), [other for other in _verbs(text) if other.last < start]
    adjacent = verb.last == at - 1
    if _is_planned(words[verb.last], text.lang) or (verb.copula and (adjacent or earlier)):
        return False
    if adjacent or closely:
        return adjacent
    if verb.plans or at - 1 - verb.last > _MOST_BETWEEN or _is_alone(words, at - 1):
        return False
    of_a_noun = start > 0 and words[start - 1].raw.lower() in _RELATES[text.lang] and not earlier
    return not of_a_noun and not _other_verb(text, verb.last + 1, at)


def _follows(at: int, text: Text, *, closely: bool) -> bool:
    """Whether the first verb after a day is one of the past: « Mardi, elle s'est dite », "on Friday sentenced"."""
    words = tokens(text)
    verb = next((verb for verb in _verbs(text) if verb.first >= at), None)
    if verb is None or _is_planned(words[verb.last], text.lang):
        return False
    between = words[at : verb.first]
    if len(between) > (0 if closely else _MOST_AFTER) or _other_verb(text, at, verb.first):
        return False
    stops = _JOINS[text.lang] | _RELATES[text.lang] | (_MARKS - {","})
    if any(word.raw.lower() in stops for word in between):
        return False
    after = words[verb.last + 1].raw.lower() if verb.last + 1 < len(words) else ""
    inserted = bool(between) and between[-1].raw == ","  # « , a annoncé le parquet, »
    if inserted and after not in ("que", "qu", "that", ":", "«"):
        return False
    return verb.finite or not between or after not in _PREPOSITIONS


def _is_planned(word: Token, lang: str) -> bool:
    return bool(_PLANNED[lang].fullmatch(word.folded))


@lru_cache(maxsize=256)
def _verbs(text: Text) -> tuple[_Verb, ...]:
    """The groups of the past, in the order of the text."""
    words = tokens(text)
    found: list[_Verb] = []
    for n in range(len(words)):
        if found and n <= found[-1].last:
            continue
        verb = _french(words, n) if text.lang == "fr" else _english(words, n)
        if verb is not None:
            found.append(verb)
    return tuple(found)


def _other_verb(text: Text, start: int, end: int) -> bool:
    """Whether some word may be a verb of its own, in whatever tense."""
    words = tokens(text)
    other = _french_verb if text.lang == "fr" else _english_verb
    return any(other(words, n) for n in range(start, end))


# French

_HAVE = _set("a ont avait avaient ai avons avez eut eurent")
_BE = _set("est sont était étaient fut furent suis sommes")
_WAS = _set("était étaient fut furent")
_ADVERBS = _set(
    "été pas plus jamais aussi également déjà enfin encore toujours bien tous toutes tout ensuite puis finalement"
    " à nouveau de peu mieux - t il elle on ils elles je nous vous"
)
_OF_BEING = re.compile(
    r"(?:re|sur|inter|de|par|pro)?(?:venue?s?)|(?:re)?(?:mort|parti|ne|entre|tombe|sorti|monte|descendu)e?s?"
    r"|(?:arrive|alle|decede|reste|passe|retourne)e?s?"
)  # their perfect is with « être »
_PLANNED = {
    "fr": re.compile(
        r"(?:prevu|attendu|programme|convoque|fixe|invite|appele|cense|espere|promis|souhaite|voulu|du|pu|autorise"
        r"|envisage|demande|oblige|tenu|pret)e?s?"
    ),
    "en": re.compile(
        r"(?:expected|scheduled|planned|supposed|invited|needed|asked|due|slated|set|hoped|wanted|intended|summoned"
        r"|urged|allowed|required|obliged|wished|ordered|called|promised|threatened|prepared|projected|forecast)"
    ),
}
_ARRANGES = re.compile(
    r"(?:annonc|decret|convoqu|report|repouss|avanc|propos|demand|organis|prepar|decid|ordonn|accept|confirm|maintenu"
    r"|differ|obtenu|donn|accord|choisi|retenu|reserv|prolong|approuv|vot|autoris|interdi|evoqu|promis|exig|reclam"
    r"|imagin|voulu|garanti|suspendu|refus|manqu|rat|conseill|recommand|prefer|precis|indiqu|declar|dit|assur|affirm)\w*"
)  # what they speak of may be to come: « a annoncé une réunion samedi »
_MODALS = re.compile(
    r"(?:dev|pouv|voul|all|compt|esper|souhait|fall|prevoy|entend|envisage|attend|cens|prepar|risqu|men|ven|appret"
    r"|projet|pens|song|hesit|refus|propos|deman|annonc)\w*"
)
_IRREGULAR = re.compile(  # told by their ending, as the word list takes many for nouns
    r"(?:[^\W\d]*(?:[aeo]ndu|[eo]rdu|enti|rvi|[ao]rti|isi|ini|uni|ussi|ubi|bli|lli|ttu|enu|eçu|aincu|olu|clu|ompu|aru"
    r"|écu|couru|mis|pris|duit|crit|dit|fait|vert|fert|mort|eint|aint|oint|lu|vu)|eu|su|dû|pu|cru)e?s?"
)
_PARTICIPLE = re.compile(r"[^\W\d]{2,}(?:[éiu]|[éiu]s|[éiu]e|[éiu]es|is|ise|ises|it|ite|ites)")
_PRETERITE = re.compile(
    r"(?:re|de|con|ap|com|sur|par|inter|ad|per|pro|sou)?(?:mit|prit|vint|tint|fit)|mourut|reçut|dut|parut|disparut|accourut"
    r"|[^\W\d]{2,}(?:èrent|irent|urent|inrent)"
)
_SCHEDULED = _set(
    "sort vote votent entre rentre marche marchent siège siègent grève reprise passe passent ferme ferment porte"
    " juge jugent départ rend rendent visite dispute joue part partent va vont doit doivent peut peuvent veut veulent"
    " compte comptent entend prévoit prévoient attend a ont est sont commence débute"
)
_DETERMINERS = _set(
    "le la les l un une des du au aux ce cet cette ces son sa ses leur leurs notre nos votre vos mon ma mes chaque"
    " plusieurs quelques deux trois quatre cinq six sept huit neuf dix premier première dernier dernière grand grande"
    " nouveau nouvelle nouveaux nouvelles de d en à"
)
_NOUNS = _set("soir hier mer janvier février dernier premier hiver fer pouvoir voir")


def _french(words: Sequence[Token], n: int) -> _Verb | None:
    word = words[n].raw.lower() if words[n].raw != "A" else "A"
    if word in _HAVE or word in _BE:
        last = n + 1
        while last < len(words) and (words[last].raw.lower() in _ADVERBS or words[last].folded.endswith("ment")):
            last += 1
        done = last < len(words) and _is_participle(words[last])
        been = any(other.raw.lower() == "été" for other in words[n + 1 : last])
        reflexive = n > 0 and (words[n - 1].folded == "se" or (n > 1 and words[n - 2].folded == "s"))
        perfect = word in _HAVE or reflexive or word in _WAS or (done and _OF_BEING.fullmatch(words[last].folded))
        if done and perfect:
            plans = bool(_ARRANGES.fullmatch(words[last].folded))
            return _Verb(n - (1 if words[n - 1].folded == "se" else 2) if reflexive else n, last, plans=plans)
        if been or word in _WAS:
            return _Verb(n, last - 1, copula=True)
        if word in ("est", "sont") and done and _after_perfect(words, n):
            return _Verb(n, last)
        return None
    if _is_imperfect(words[n]):
        return _Verb(n, n, copula=True)
    if _is_preterite(words[n]):
        return _Verb(n, n, plans=bool(_ARRANGES.fullmatch(words[n].folded)))
    return None


def _after_perfect(words: Sequence[Token], n: int) -> bool:
    """« Une victime ayant été comptée deux fois, le bilan est corrigé »: what came of something that is done."""
    return any(word.folded in ("ayant", "etant") for word in words[:n])


def _is_participle(word: Token) -> bool:
    said = word.raw.lower()
    if _IRREGULAR.fullmatch(said) or re.fullmatch(r"[^\W\d]{2,}ée?s?", said):
        return True
    return bool(_PARTICIPLE.fullmatch(said)) and _is_form(said) and not said.endswith(("ait", "ais"))


def _is_form(word: str) -> bool:
    """Of a verb, and not its infinitive."""
    infinitive = lemma(word, "fr")
    return infinitive != word and infinitive.endswith(("er", "ir", "re", "oir"))


def _is_imperfect(word: Token) -> bool:
    said = word.raw.lower()
    if not said.endswith(("ait", "aient")) or len(said) < 5 or is_conditional(said) or _MODALS.fullmatch(word.folded):
        return False
    return _is_form(said)


def _is_preterite(word: Token) -> bool:
    said = word.raw
    if _PRETERITE.fullmatch(said):
        return True
    return said.endswith("a") and len(said) > 4 and not is_future(said) and lemma(said, "fr").endswith("er")


def _is_alone(words: Sequence[Token], n: int) -> bool:
    """« des élus convoqués lundi »: a participle that belongs to a noun; not « en garde à vue »."""
    before = words[n - 1].raw.lower() if words[n - 1].raw != "'" else words[n - 2].raw.lower()
    return _is_participle(words[n]) and before not in _DETERMINERS


def _french_verb(words: Sequence[Token], n: int) -> bool:
    said, before = words[n].raw.lower(), words[n - 1].raw.lower() if n else ""
    if words[n].folded in ("se", "s") or is_future(words[n].raw) or is_conditional(said):
        return True
    if before == "'" and n > 1:
        before = words[n - 2].raw.lower()
    if not words[n].raw[:1].islower() or said in _ADVERBS | _NOUNS:
        return False
    if re.fullmatch(
        r"[^\W\d]+(?:er|ir|oir|[nr]dre|ttre|[îi]tre|[iu]vre|[iu]ire|(?:re|dé|satis)?faire|[cp]l[ua]i?re)", said
    ):
        noun = before in _DETERMINERS - {"de", "d", "à", "en"}
        pronoun = noun and n > 1 and words[n - 2].raw.lower() in ("de", "à", "pour") and before in ("le", "les")
        return pronoun or (not noun and lemma(said, "fr") == said and before != "'")
    if said in _SCHEDULED or (_is_form(said) and not _is_participle(words[n])):
        return before not in _DETERMINERS
    return said.endswith("ant") and before == "en"


# English

_PRETERITES = _set(
    "did went came gave took began fell rose saw spoke wrote became knew flew threw grew drew chose broke drove ate"
    " swore froze wore sang sank swam ran rang shook stole tore woke fled arose forgot forgave withdrew overthrew"
)
_EITHER = _set(  # the preterite and the participle
    "said told left met won lost held made sent found struck brought built bought caught fought heard led paid sold"
    " shot taught thought kept laid stood sought sat spent dealt hung swept dug fed felt slid stuck swung lit bled"
)
_ENGLISH_ADVERBS = _set(
    "not also already again just only still even been being now then later first n't never both all"
)
_PREPOSITIONS = _set(
    "by in of at with for from after on over during under into to as last earlier early late ago near between against"
    " , ."
)
_ENGLISH_ARRANGES = re.compile(
    r"(?:announc|call|schedul|plan|postpon|mov|promis|invit|propos|ask|request|expect|declar|decid|agre|approv|order"
    r"|ban|delay|extend|confirm|hop|want|intend|prepar|threaten|vow|authori[sz]|allow|grant|reschedul|demand|mention"
    r"|discuss|suggest|warn|offer|reserv|set|organi[sz]|arrang|urg|recommend|cancel|award|vot|push|reject|back|welcom"
    r"|giv|book|secur|forecast|predict|report|refus|miss)\w*ed"
    r"|said|gave|chose|made|sought|held|moved|brought|pushed|thought|felt"
)
_AUXILIARIES = _set(
    "will would could should might must can cannot shall ll is are has have do does am be being d re ve"
    " due scheduled expected slated planned set"
)
_ENGLISH_DETERMINERS = _set(
    "the a an his her its their our my your this that these those some any no every each all both several many few more"
    " most new two three four five six seven eight nine ten dozens hundreds other first second last of in for with on"
    " at by from to into over under s former two-day"
)
_TO_COME = re.compile(
    r"(?:open|close|start|begin|end|vote|meet|go|come|leave|arrive|depart|return|resume|face|appear|take|hold|host|play"
    r"|travel|head|fly|visit|expire|launch|kick|gather|convene|testify|testifie|speak|debate|decide|elect|choose|run"
    r"|stand|mark|celebrate|turn|become|enter|stage|strike|rule|publish|publishe|release|present|unveil|address|join"
    r"|move|receive|welcome|swear|sign|retire|step|cast|hit|show|want|need|plan|hope|intend|make|get|give|tell|say)"
)
_NOT_BEFORE_VERB = _set(
    "is are be being get gets s re a an the his her its their our my your this these those some any no every each more"
    " most many several few two three four five six seven eight nine ten - of"
)
_NO_GERUND = _set("during morning evening nothing something anything everything king spring ring wing according being")


def _english(words: Sequence[Token], n: int) -> _Verb | None:
    said, before = words[n].folded, words[n - 1].folded if n else ""
    if said in ("was", "were", "had", "has", "have"):
        last = n + 1
        while last < len(words) and (words[last].folded in _ENGLISH_ADVERBS or words[last].folded.endswith("ly")):
            last += 1
        after = words[last] if last < len(words) else None
        if after and (after.folded in ("to", "about", "going", "due") or after.folded.endswith("ing")):
            return None
        if (
            after
            and (_is_ed(after) or after.folded in _EITHER or lemma(after.folded, "en") != after.folded)
            and (after.raw.islower())
        ):
            return _Verb(n, last, plans=bool(_ENGLISH_ARRANGES.fullmatch(after.folded)))
        if said in ("has", "have"):
            return None
        return _Verb(n, n, copula=said != "had", plans=said == "had")
    if said in _PRETERITES:
        return _Verb(n, n, plans=bool(_ENGLISH_ARRANGES.fullmatch(said)))
    of_a_noun = before in _NOT_BEFORE_VERB  # "is closed", "the besieged capital"
    if (_is_ed(words[n]) or said in _EITHER) and words[n].raw.islower() and not of_a_noun:
        return _Verb(n, n, plans=bool(_ENGLISH_ARRANGES.fullmatch(said)), finite=False)
    return None


def _is_ed(word: Token) -> bool:
    return word.folded.endswith("ed") and len(word.folded) > 3 and lemma(word.folded, "en") != word.folded


def _english_verb(words: Sequence[Token], n: int) -> bool:
    said, before = words[n].folded, words[n - 1].folded if n else ""
    if not words[n].raw.islower():
        return False
    if said in _AUXILIARIES:
        return True
    if said == "to":
        after = words[n + 1] if n + 1 < len(words) else None
        return bool(after and after.raw.islower() and after.folded not in _ENGLISH_DETERMINERS)
    if said.endswith("ing") and said not in _NO_GERUND:
        return before not in _ENGLISH_DETERMINERS - _PREPOSITIONS
    if before in _ENGLISH_DETERMINERS or before.isdigit():
        return False
    if _is_ed(words[n - 1]) or before in _PRETERITES | _EITHER:  # "reported profits"
        return False
    singular = said.endswith("s") and not said.endswith(("ss", "us", "is")) and len(said) > 3
    return singular or bool(_TO_COME.fullmatch(said))
