"""What kind of answer a question asks for, and whether a sentence holds one: an amount, a time, a name, a reason.

« Combien de soldats ? » is not answered by a sentence without a number, nor "Why?" by one without a cause. Told by
question words and by the form of what is said, in both languages, accents or not. Knows nothing of passages.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from index.analysis import is_function_word
from index.language import detect
from service.guard.gazetteer import known_names
from service.guard.words import Text, fold, is_common, text_of


class Asked(StrEnum):
    AMOUNT = "amount"
    TIME = "time"
    NAME = "name"  # of a person, a place, an organisation, a thing
    REASON = "reason"


@dataclass(frozen=True, slots=True)
class Expected:
    """`asked` is `None` where the question does not tell; `form` is what the answer has for certain where an amount of
    money or a year is asked for. `named` are the question's capitalised words, folded, and `figures` its numbers: they
    are no answer to it."""

    asked: Asked | None
    form: re.Pattern[str] | None
    named: frozenset[str]
    figures: frozenset[str]


MEASURES = (
    r"nombre|effectifs?|montant|budget|cout|prix(?! (?:nobel|goncourt|renaudot|femina|medicis|pulitzer|sakharov)\b)"
    r"|pourcentage|taux|proportion|population|superficie|hauteur|longueur|distance|age|duree|largeur|profondeur|altitude"
    r"|vitesse|poids|densite|temperature|salaire|revenu|loyer|tarif|dette|amende|rancon|pib|bilan|participation|score"
    r"|capacite|number(?! (?:one|two|\d)\b)|(?:death |final )?toll|turnout|stake|capacity|amount"
    r"|cost|price|percentage|rate|share|size|height|length|area|width|depth|speed|weight|density|temperature"
    r"|salary|(?:minimum )?wage|income|revenue|rent|debt|fine|ransom|gdp"
)
_QUESTIONS = {
    Asked.AMOUNT: re.compile(
        r"(?<!depuis )\bcombien\b(?!(?<=y a combien) de temps)"
        r"|\bhow (?:many|much|old|tall|high|far|large|big|heavy|deep|long(?! (?:ago|has|have|had)\b))\b"
        rf"|^(?:le |la |les |l'|the )?(?:{MEASURES})\b(?!\W*$)"
        rf"|\bque(?:l|ls|lle|lles) (?:est|sont|etait|etaient|sera|fut)? ?(?:l'|le |la |les )?(?:{MEASURES})\b"
        r"|\b(?:what|which) (?:is|are|was|were|will be)? ?(?:the )?(?:(?!(?:at|in|on|of|for|by|to) )\w+ )?"
        rf"(?:{MEASURES})\b"
        rf"|\bwhat (?:is|are|was|were|will be) [\w -]{{1,60}}'s (?:\w+ )?(?:{MEASURES})\b"
    ),
    Asked.TIME: re.compile(
        r"^(?:[\w']+[ ,-]+){0,2}(?:quand|when)\b|\b(?:quand|when)\W*$"
        r"|\bque(?:l|lle|ls|lles) (?:\w+ ){0,3}?(?:annees?|dates?|jours?|mois|siecles?|epoques?|heures?|periodes?)\b"
        r"|\b(?:what|which) (?:\w+ )?(?:year|date|day|month|century|decade|time|period)\b"
        r"|\bdepuis combien\b|\by a combien de temps\b|\bhow long (?:ago|has|have|had)\b"
    ),
    Asked.REASON: re.compile(
        r"\bpourquoi\b|\bque(?:l|lle)s? (?:est |etait |sont )?(?:le |la |les )?(?:but|raison|cause|motif)s?\b"
        r"|\bwhy\b|\b(?:what|which) (?:is |was )?(?:the )?(?:reason|purpose|cause|aim|goal)\b"
        r"|^what\b.*(?<!stand )\bfor\W*$"
    ),
    Asked.NAME: re.compile(
        r"^(?:par |a |avec |de |chez |pour |sur |contre |c'est |c'etait )?qui\b"
        r"|^(?:by |to |with |for |from |against )?who(?:m|se)?\b"
        r"|^(?:d'|vers |par |jusqu'|c'est )?ou\b|\bou\W*$|\bwhere\b"
        r"|\b(?:quel(?:le)?s?|what|which) (?:est le |est la |sont les |is the |was the |are the )?"
        r"(?:pays|villes?|regions?|provinces?|etats?|continents?|noms?"
        r"|countr(?:y|ies)|cit(?:y|ies)|towns?|states?|places?|names?|organi[sz]ations?)\b"
        r"|\bs'appel\w+|\b(?:called|named)\W*$"
    ),
}
_MONEY = re.compile(
    r"\bcombien\b.{0,40}\b(?:cout\w*|vaut|vaudr\w*|valait|depens\w*|pa[iy]e\w*|investi\w*)\b"
    r"|\bhow much\b.{0,40}\b(?:cost\w*|worth|spen[dt]s?|pays?|paid|earn\w*|invest\w*)\b"
    r"|\bquels? (?:est|sont|etait|etaient|sera|fut)? ?(?:les? )?(?:couts?|prix|montants?|budgets?|salaires?)\b"
    r"|\bwhat (?:is|are|was|were|will be) (?:the |[\w -]{1,60}'s )?(?:\w+ )?(?:cost|price|budget|salary|wage|rent)\b"
)
_CURRENCY = re.compile(
    r"[$€£¥]|\b(?:euros?|dollars?|francs?|livres?|sterling|yens?|yuans?|roubles?|roupies?|couronnes?|pesos?|dinars?|pounds?"
    r"|rubles?|rupees?|crowns?|cents?|centimes?|pence|usd|eur|gbp|chf|jpy|cny|inr|gratuit\w*|free)\b"
    r"|\d ?p\b|\brs\.? ?\d"
    # or a number of millions that counts nothing: "cost 58 million, and", « coûtera 23 millions par an »
    r"|\d ?(?:millions?|milliards?|billions?|bn|mds?)\b(?! (?:de |d'|of )(?!plus\b|moins\b|ici\b)[a-z])"
    r"(?! (?!(?:par|pour|en|sur|au|aux|dans|de|des|d'|cette|cet|chaque|soit|selon|et|ou|a|contre|avant|apres"
    r"|in|an?|per|over|on|to|for|from|by|at|of|the|this|last|next|each|every|and|or|more|less|against|before|after)\b)"
    r"[a-z])"
)
_WHICH_YEAR = re.compile(r"\bquelles? annees?\b|\b(?:what|which) years?\b")
_YEARS = re.compile(
    r"\b(?:1\d{3}|20\d{2}|[3-9]\d\d)\b|\b(?:l'an|annee) (?:dernier|derniere|passee?|prochaine?|suivante|precedente)\b"
    r"|\b(?:last|next|this) year\b|\bcette annee\b|\bil y a \w+ ans\b|\byears? (?:ago|later|earlier)\b"
    r"|\bans plus (?:tot|tard)\b"
)
_FORMS = ((_MONEY, _CURRENCY), (_WHICH_YEAR, _YEARS))
_SHORT_FORM = re.compile(r"\b(who|what|where|when|why|how)'(s|re)\b", re.IGNORECASE)
_ASKS = (
    r"(?:who(?:m|se)?|what|which|where|when|why|how|qui|que|qu'|quoi|quel(?:le)?s?|(?:le|la|les)quel(?:le)?s?|ou|quand"
    r"|comment|combien|pourquoi)\b"
)
_AHEAD = re.compile(  # of the clause that asks: « Quand il a été élu, … » and no « Quand a-t-il été élu, et … »
    r"^(?:(?:in|on|at|of|for|from|with|after|before|since|during|under|among|besides|if|as|while|although|according to"
    r"|en|dans|au|aux|a|de|du|des|pour|par|avec|sans|sur|sous|chez|entre|parmi|apres|avant|depuis|pendant|durant|lors"
    r"|lorsque|si|comme|alors que|bien que|selon|hormis|outre) |d'|lorsqu'|s'"
    r"|(?:when|quand) (?!(?:is|are|was|were|did|does|do|has|have|had|will|would|can|could|should|est|sont|a|ont|etait"
    r"|etaient|fut|furent|sera|seront|aura|avait)\b))"
    rf"(?:(?!{_ASKS})[^?,-]|,(?! ?(?:and|et) )|-(?!t-|ils?\b|elles?\b|on\b))+, (?={_ASKS})"
)
_DEFINES = re.compile(r"^(?:qui (?:est|etait|sont|fut)|who (?:is|was|are|were)) ", re.IGNORECASE)
_DIGITS = r"\d{1,3}(?:[ .,]\d{3})+(?!\d)|\d+"
_CLOCK = (
    r"\b(?:[01]?\d|2[0-4])(?: ?h(?: ?[0-5]\d)?\b|:[0-5]\d\b|(?:[.:][0-5]\d)? ?[ap]\.?m\b)"
    r"|\b(?:0?[1-9]|[12]\d|3[01])/(?:0[1-9]|1[0-2])\b"  # a day and its month
)
_YEARS_OR_DECADES = r"\b(?:1\d{3}|20\d{2})\b|\b(?:1[5-9]|20)?\d0s\b"
_PERSONS = {
    "fr": r"personne|homme|femme|enfant|garcon|fille|bebe|adolescente?|civile?|soldat|militaire|policiere?|pompier"
    r"|journaliste|employee?|ouvriere?|passagere?|manifestante?|blessee?|morte?|victime|otage|touriste|detenue?",
    "en": r"person|man|woman|child|boy|girl|baby|teenager|civilian|soldier|policeman|officer|firefighter|journalist"
    r"|employee|worker|passenger|protester|victim|hostage|tourist|prisoner",
}
_WHILES = {
    "fr": r"seconde|minute|heure|journee|jour|nuit|semaine|quinzaine|mois|trimestre|semestre|an|annee|decennie|siecle",
    "en": r"minute|hour|day|night|week|fortnight|month|year|decade|century",
}
_SAYS = {
    "fr": {
        Asked.AMOUNT: re.compile(
            rf"{_DIGITS}|\b(?:deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze"
            r"|seize|vingt|trente|quarante|cinquante|soixante|cents?|mille|millions?|milliards?|dizaines?|douzaines?"
            r"|vingtaines?|trentaines?|centaines?|milliers?|moitie|tiers|quarts?|demie?s?|aucune?|zero)\b"
            rf"|\bune? (?:seule? )?(?:{_PERSONS['fr']}|{_WHILES['fr']})\b|\bpersonne n(?:e |')"
            r"|\bune (?:seule )?fois(?=\W*$|[,.;]| (?:par|en|dans|sur|seulement)\b)"
        ),
        Asked.TIME: re.compile(
            rf"{_YEARS_OR_DECADES}|{_CLOCK}|\b(?:en|vers l'an|l'an) \d{{3}}\b|\b(?:janvier|fevrier|mars|avril|mai|juin"
            r"|juillet|aout|septembre|octobre|novembre|decembre|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|hier"
            r"|demain|aujourd'hui|decennies?|siecles?|ans|annees?|mois|semaines?|jours?|heures?|minutes?|printemps"
            r"|(?:cet|l'|en )ete|automne|hiver|matin|midi|soir|minuit|nuit|depuis|veille|lendemain|noel|paques)\b"
        ),
        Asked.REASON: re.compile(
            r"\b(?:parce qu\w*|car|puisqu\w*|en raison|a cause|grace a|faute de|afin|en effet|pour qu\w*|cause\w*"
            r"|pour (?:ne |se |s'|les? |la |l'|y |en )?\w+(?:er|ir|re)|raison\w*|motif\w*|motiv\w*|but|objectif|visant"
            r"|vise\w*|permet\w*|suite a|du fait|sous pretexte|des lors)\b"
        ),
    },
    "en": {
        Asked.AMOUNT: re.compile(
            rf"{_DIGITS}|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
            r"|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
            r"|hundreds?|thousands?|millions?|billions?|trillions?|dozens?|half|third|quarter|twice|none|no one|nobody"
            rf"|zero)\b|\b(?:an?|one)(?: single)? (?:{_PERSONS['en']}|{_WHILES['en']})\b|\bonce(?=\W*$)"
        ),
        Asked.TIME: re.compile(
            rf"{_YEARS_OR_DECADES}|{_CLOCK}|\bin \d{{3}}\b|\b(?:january|february|march|april|may|june|july|august"
            r"|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|yesterday"
            r"|tomorrow|today|tonight|decades?|centur(?:y|ies)|years?|months?|weeks?|days?|hours?|minutes?|o'clock|ago"
            r"|spring|summer|autumn|winter|morning|noon|evening|midnight|night|since|christmas|easter)\b"
        ),
        Asked.REASON: re.compile(
            r"\b(?:because|due to|owing|so that|in order|since|reasons?|thanks to|aim\w*|purpose|goal|as a result|as"
            r"|to (?!the |a |an |his |her |its |their )[a-z]+|for|caus\w+|motiv\w+)\b"
        ),
    },
}
_WORD = re.compile(r"[^\W\d_][\w-]*")
_FIGURE = re.compile(_DIGITS)
_FOUR_DIGITS = re.compile(r"[12]\d{3}")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_DATING = re.compile(
    r"\b(?:en|in|since|depuis|annees?|années?|years?|the|late|early|mid|until|before|avant|fin|d[eé]but|[eé]t[eé]|printemps"
    r"|automne|hiver|spring|summer|autumn|winter|jan\w*|f[eé]vr?\w*|feb\w*|mars?|march|avr\w*|apr\w*|mai|may"
    r"|jui\w+|june?|july?|ao[uû]t|aug\w*|sept\w*|oct\w*|nov\w*|d[eé]c\w*)[ .]{1,2}$",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"(?: ?[%°$€£¥]| (?:km|kg|ha|m|g|t|cm|mm|mw|kw|millions?|milliards?|billions?|bn|mille|thousand)\b"
    r"| (?:([^\W\d_]+) )?(people|personnes|hommes|femmes|enfants|men|women|children"
    r"|(?P<noun>(?!moins\b|alors\b)[^\W\d_]{2,}[sx]))\b)",
    re.IGNORECASE,
)


@lru_cache(maxsize=64)
def expected(question: str) -> Expected:
    text = text_of(_SHORT_FORM.sub(_in_full, question.strip().replace("’", "'")), detect(question))
    main = _AHEAD.sub("", text.folded)
    asked = next((kind for kind, pattern in _QUESTIONS.items() if pattern.search(main)), None)
    defines = _DEFINES.match(text.raw)
    if defines and _is_name(text.raw[defines.end() :], text.lang):
        asked = None  # « Qui est Mark Esper ? » is answered by what he is
    words = frozenset(fold(m[0]) for m in _WORD.finditer(text.raw))
    form = next((form for question, form in _FORMS if asked and question.search(text.folded)), None)
    return Expected(asked, form, words, frozenset(_FIGURE.findall(text.folded)))


def _in_full(form: re.Match[str]) -> str:
    return f"{form[1]} {'is' if form[2].lower() == 's' else 'are'}"


def wanting(expects: Expected, sentence: str, lang: str) -> dict[str, float]:
    """By kind, 1 where that is what is asked and the sentence, written in `lang`, holds nothing of the kind."""
    lacks = expects.asked is not None and not _holds(expects.asked, expects, text_of(sentence, lang))
    return {kind.value: float(lacks and kind is expects.asked) for kind in Asked}


def is_year(figure: re.Match[str]) -> bool:
    """Whether a figure is a year from 1800 to 2099, and no amount: « 2 000 » and « 2000 personnes » are amounts."""
    return bool(_YEAR.fullmatch(figure[0])) and not _counts(figure)


def _counts(figure: re.Match[str]) -> bool:
    """Whether a unit or a noun in the plural comes after it, unless a word for a date comes before. "2021 elections"
    are of that year: of figures like years a round one alone counts nouns, but for people."""
    if _DATING.search(figure.string[: figure.start()]):
        return False
    counted = _COUNTED.match(figure.string, figure.end())
    if counted is None or (counted["noun"] and 1900 <= int(figure[0]) < 2100 and int(figure[0]) % 50):
        return False
    return not any(is_function_word(word or "", lang) for word in counted.groups() for lang in _SAYS)


def _holds(asked: Asked, expects: Expected, text: Text) -> bool:
    if asked is Asked.NAME:
        return any(_is_new_name(m, text, expects) for m in _WORD.finditer(text.raw))
    if expects.form and not expects.form.search(text.folded):
        return False
    said = _SAYS.get(text.lang, _SAYS["fr"])[asked].finditer(text.folded)
    if asked is Asked.AMOUNT:
        return any(not is_year(m) and m[0] not in expects.figures for m in said)
    if asked is Asked.TIME:
        return any(not (_FOUR_DIGITS.fullmatch(m[0]) and _counts(m)) for m in said)
    return any(said)


def _is_name(words: str, lang: str) -> bool:
    """Whether these are a person's name: in capitals, or of words of which the last is none of the language."""
    said = _WORD.findall(words)
    if words[:1].isupper() or not said or any(is_function_word(word, lang) for word in said):
        return words[:1].isupper()
    return not is_common(said[-1], lang) and not known_names(text_of(said[-1], "fr"))


def _is_new_name(word: re.Match[str], text: Text, expects: Expected) -> bool:
    """Whether it is a capitalised word that the question lacks; the first of a sentence only before another one."""
    if not word[0][0].isupper() or len(word[0]) < 2 or fold(word[0]) in expects.named:
        return False
    opens = not re.search(r"\w", text.raw[: word.start()])
    return not opens or bool(re.match(r"[ '-](?:de |d'|of )?[A-ZÀ-Ý]", text.raw[word.end() :]))
