"""Says whether a text is French or English. The only module that imports lingua.

Function words decide: they are the asker's own, where names and quoted titles may be anyone's (`Qui est Peter Weir ?`).
Only where they do not tell is the text's spelling asked.
"""

import re
from functools import cache

from lingua import Language, LanguageDetector, LanguageDetectorBuilder

DEFAULT = "fr"

_SAMPLE_CHARS = 1500
_MIN_CONFIDENCE = 0.65

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
    hay fue según está están ha han se
    wie viele wer wann warum welche welcher welches wo wird werden wurde wurden hat haben ist sind der das dem den und
    von mit für über nicht ein eine einen einem zu auf bei nach aus sich im zum zur gibt
    quanti quante quanto quando chi che cosa dove perché quale quali il lo gli della delle dei degli nel nella sono è di
    da con stato stata si
    quantos quantas quem onde como qual quais os as uma um dos das foi são no na em tem
    hoeveel wie wat waar wanneer waarom welke het een van heeft zijn zal zullen niet bij naar voor """
_FUNCTION_WORDS = {"fr": frozenset(_FRENCH.split()), "en": frozenset(_ENGLISH.split())}
_OTHERS_WORDS = frozenset(_OTHER.split()) - _FUNCTION_WORDS["fr"] - _FUNCTION_WORDS["en"]
_SPANISH = re.compile(r"[¿¡]")
_LATIN = re.compile(r"[a-zà-öø-ÿœ]")


def detect(text: str) -> str:
    """`fr` or `en`; French where the text does not tell, as an empty one or a lone name, and where it is in another
    language. A long text is sampled."""
    if is_other(text):
        return DEFAULT
    words = _words(text)
    french, english = (_count(words, lang) for lang in ("fr", "en"))
    if french != english:
        return "fr" if french > english else "en"
    sample = text[:_SAMPLE_CHARS].encode(errors="replace").decode()  # lingua takes no lone surrogate
    is_english = _detector().compute_language_confidence(sample, Language.ENGLISH) >= _MIN_CONFIDENCE
    return "en" if is_english else DEFAULT


def is_other(text: str) -> bool:
    """Whether it is in a language that is neither: by its function words, its marks, or its letters."""
    words = _words(text)
    if _SPANISH.search(_QUOTED.sub(" ", text[:_SAMPLE_CHARS])):
        return True
    if words and not _LATIN.search(text[:_SAMPLE_CHARS].lower()):
        return True
    return sum(word in _OTHERS_WORDS for word in words) > max(_count(words, lang) for lang in ("fr", "en"))


def _words(text: str) -> list[str]:
    """Those outside quotation marks, where there are any."""
    sample = text[:_SAMPLE_CHARS]
    return _WORD.findall(_QUOTED.sub(" ", sample).lower()) or _WORD.findall(sample.lower())


def _count(words: list[str], lang: str) -> int:
    return sum(word in _FUNCTION_WORDS[lang] for word in words)


@cache
def _detector() -> LanguageDetector:
    return LanguageDetectorBuilder.from_languages(Language.FRENCH, Language.ENGLISH).build()
