"""Says whether a text is French or English. The only module that imports lingua.

Function words decide: they are the asker's own, where names and quoted titles may be anyone's (`Qui est Peter Weir ?`).
Only where they do not tell is the text's spelling asked, and in which language its words are written more often ("flood
losses"). Function words of a third language tell little where names have them too: "Los Angeles", "Ursula von der
Leyen", "Han dynasty".
"""

import math
import re
from functools import cache, lru_cache

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

from index.dictionary import frequency, with_accents

DEFAULT = "fr"

_SAMPLE_CHARS = 1500
_LEAST = 1.2  # logits for English, of spelling and words together: see eval/LOG.md
_LEAST_BESIDE_NAME = 0.0  # of what is left beside a foreign name, often a word: "age", "impact"
_WORDS_WEIGHT = 0.5
_MOST_OF_WORD = 3.0
_SURE = 1e-4

_QUOTED = re.compile(r"«[^«»]*»|“[^“”]*”|\"[^\"]*\"")
_WORD = re.compile(r"[^\W\d_]+")
_FRENCH = """
    qui que quoi qu où quand comment pourquoi combien quel quelle quels quelles lequel laquelle est sont était
    étaient été être ont avait avaient avoir fut sera seront fait le la les l un une des du de d et ou mais donc
    car dans avec pour par chez sans sous entre vers depuis pendant selon ce cet cette ces ça c il elle ils
    elles nous vous je j tu lui leur leurs ses ma mes ne n pas plus au aux en y se à si après avant lors afin
    aussi dont quelqu cela """
_ENGLISH = """
    who whom whose what when where why how which is are was were be been being am has have had do does did will
    would should could can may might the an of and but in to with for from by at into about over under between
    since until this that these those it he she they we you i his her their its our my your not no than then
    there here any some many much more most if after before as up out """
# What Spanish, German, Italian, Portuguese and Dutch questions are made of, without what is French or English too.
_OTHER = """
    qué cuántos cuántas cuánto cuándo quién quiénes dónde cómo cuál cuáles por el los del las una con para sobre tiene
    hay fue según está están ha han se quien quienes cuantos cuantas cuanto cuando donde
    wie viele wer wann warum welche welcher welches wo wird werden wurde wurden hat haben ist sind der das dem den und
    von mit für über nicht ein eine einen einem zu auf bei nach aus sich im zum zur gibt
    quanti quante quanto quando chi che cosa dove perché quale quali il lo gli della delle dei degli nel nella sono è di
    da con stato stata si
    quantos quantas quem onde como qual quais os as uma um dos das foi são no na em tem
    hoeveel wie wat waar wanneer waarom welke het een van heeft zijn zal zullen niet bij naar voor """
# Those that names and titles have, or that are also words of English or of French: alone, one of them tells nothing.
_AMBIGUOUS = """
    el los las del dos das da der den dem von van zu zum dei della di il lo het una um na con por para como che chi
    dove ein im ha han hat hay mit aus em os wat foi sobre onde """
_SHARED = "en la le de des un que si se in no do was am will"  # words of ours that are words of theirs too
_ONE_PARTICLE = re.compile(r"\b(?:von|van) (?=de[rnm]\b|het\b)")
_CAPITALISED = r"[A-ZÀ-ÖØ-Þ][\w.'’-]*"
_PARTICLES = "(?:(?:el|los|las|del|dos|das|da|der|den|von|van|dei|della|di|het|de|la) )"
_FOREIGN_NAME = re.compile(  # "Los Angeles", "Leonardo da Vinci"
    rf"\b(?:El|Los|Las|Del|Dos|Da|Van|Della|Di) {_PARTICLES}?{_CAPITALISED}"
    rf"|\b(?<![Dd](?:er|ie|as|em|en) ){_CAPITALISED} (?!de |la ){_PARTICLES}+{_CAPITALISED}"
)
_FUNCTION_WORDS = {"fr": frozenset(_FRENCH.split()), "en": frozenset(_ENGLISH.split())}
_OTHERS_WORDS = frozenset(_OTHER.split()) - _FUNCTION_WORDS["fr"] - _FUNCTION_WORDS["en"]
_ALSO_IN_NAMES, _ALSO_THEIRS = frozenset(_AMBIGUOUS.split()), frozenset(_SHARED.split())
_SPANISH = re.compile(r"[¿¡]")
_LATIN = re.compile(r"[a-zà-öø-ÿœ]")


def detect(text: str) -> str:
    """`fr` or `en`; French where the text does not tell, as an empty one or a lone name, and where it is in another
    language. A long text is sampled."""
    if is_other(text):
        return DEFAULT
    if told := by_function_words(text):
        return told
    sample = text[:_SAMPLE_CHARS].encode(errors="replace").decode()  # lingua takes no lone surrogate
    beside = _FOREIGN_NAME.sub(" ", sample)
    if not _WORD.search(beside):
        return DEFAULT
    least = _LEAST if beside == sample else _LEAST_BESIDE_NAME
    return "en" if _english_spelling(beside) + _WORDS_WEIGHT * _english_words(beside) > least else DEFAULT


def _english_spelling(text: str) -> float:
    """How likely its letters are English and not French, in logits."""
    likely = _detector().compute_language_confidence(text, Language.ENGLISH)
    likely = min(max(likely, _SURE), 1 - _SURE)
    return math.log(likely / (1 - likely))


def _english_words(text: str) -> float:
    """How much more often its words are written in English than in French, in logits; names count for nothing."""
    return sum(_english_word(word.lower()) for word in _WORD.findall(text) if not word[0].isupper())


@lru_cache(maxsize=10_000)
def _english_word(word: str) -> float:
    """With its accents, if they were left out; one word decides no more than `_MOST_OF_WORD`."""
    french = max(frequency(each, "fr") for each in (word, *with_accents(word, "fr")))
    told = math.log((frequency(word, "en") + 1) / (french + 1))
    return max(-_MOST_OF_WORD, min(_MOST_OF_WORD, told))


def by_function_words(text: str) -> str | None:
    """`fr` or `en`, where a text has more function words of one of them than of the other."""
    words = _words(text)
    french, english = (_count(words, lang) for lang in ("fr", "en"))
    return None if french == english else "fr" if french > english else "en"


def is_other(text: str) -> bool:
    """Whether it is in a language that is neither: by its function words, its marks, or its letters."""
    words = _words(text)
    if _SPANISH.search(_QUOTED.sub(" ", text[:_SAMPLE_CHARS])):
        return True
    if words and not _LATIN.search(text[:_SAMPLE_CHARS].lower()):
        return True
    beside = _words(_ONE_PARTICLE.sub("", _FOREIGN_NAME.sub(" ", text[:_SAMPLE_CHARS])))
    theirs = [word for word in beside if word in _OTHERS_WORDS]
    if len(theirs) < 2 and _ALSO_IN_NAMES.issuperset(theirs):
        return False
    ours = [word for word in words if word not in _ALSO_THEIRS]
    return len(theirs) > max(_count(ours, lang) for lang in ("fr", "en"))


def _words(text: str) -> list[str]:
    """Those outside quotation marks, where there are any."""
    sample = text[:_SAMPLE_CHARS]
    return _WORD.findall(_QUOTED.sub(" ", sample).lower()) or _WORD.findall(sample.lower())


def _count(words: list[str], lang: str) -> int:
    return sum(word in _FUNCTION_WORDS[lang] for word in words)


@cache
def _detector() -> LanguageDetector:
    return LanguageDetectorBuilder.from_languages(Language.FRENCH, Language.ENGLISH).build()
