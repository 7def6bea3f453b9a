"""Full stops that do not end a sentence: titles, initials, acronyms, abbreviations, in French and in English."""

import re

_TITLES = """
    M MM Mr Mrs Ms Mx Dr Drs Pr Prof Mme Mmes Mlle Mlles Mgr Mgrs Messrs Rev Hon Fr Br Gen Gén Col Lt Ltn Lieut
    Cmdr Cmdt Cdr Cdt Cpt Capt Sgt Cpl Pvt Spc Pfc Maj Adm Brig Supt Insp Det Amb Atty Sen Rep Gov Pres Sec
    Treas Dep Msgr Mt Ft Pt cf vs viz op ibid """
_FRENCH_TITLES = "gén lieut sgt cdt p.ex c.-à-d av apr env dépt boul bd Ets Adj Cne Lcl"
_ENGLISH_TITLES = """
    Sens Reps Govs Profs Gens Cols Lts Capts Sgts Revs Supts Dets Const Asst Ald Ens v ca e.g i.e approx dept Ave
    Blvd """

_NUMBERED = """
    No Nos p P pp art Art arts vol Vol ch Ch chap Chap fig Fig figs Figs sec sect Sect par para éd ed tel Tel
    ext Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec """
_FRENCH_NUMBERED = "n° N° no nos n t al pl l ll r tél Tél poste rég janv Janv févr fév avr juil sept oct nov déc"

_CLOSING = """
    Inc Corp Co Cos Cie Ltd Ltée LLC Bros Jr Sr Esq St Ste Sts Stes Me Mes Rd Sq Univ Assn ex col coll hab trad """

_TIMES = "a.m p.m A.M P.M"

_FIRST_WORDS = """
    Le La Les Un Une Des Du De Ce Cet Cette Ces Il Elle Ils Elles On Je Tu Nous Vous Son Sa Ses Leur Leurs Notre
    Nos Mon Ma Mes Mais Et Ou Or Car Donc Ni En Dans Sur Sous Avec Sans Pour Par Après Avant Depuis Pendant
    Selon Si Comme Quand Lorsque Puis Alors Ainsi Aussi Cependant Toutefois Pourtant Enfin Ensuite Plus
    Plusieurs Tous Toutes Tout Aucun Aucune Chaque Certains Certaines Deux Trois Qui Que Quoi Où Dont Comment
    Pourquoi Quel Quelle Bien Voici Voilà Chez Entre Vers Parmi Malgré Grâce Outre Contrairement Lors Dès Face
    Quant Hier Demain Désormais Certes Ici Là Déjà Encore Jamais Toujours Souvent Parfois Beaucoup Peu Trop Très
    Chacun Chacune Rien Personne Actuellement Finalement Récemment Auparavant Oui Non À Au Aux Celui Celle Ceux
    Cela Ça Y Lundi Mardi Mercredi Jeudi Vendredi Samedi Dimanche
    The A An This That These Those He She It They We I You His Her Its Their Our My But And Or So Yet In On At
    By For From With Without After Before Since While When Where Who What Which Why How If As Because Although
    Though However Meanwhile Then There Here Some Many Most Several All Both Each Another According Not Also Now
    Last Next Every Earlier Later During Until Even Still Such One Two Three Nobody Nothing Yesterday Today Tomorrow
    Never Always Often Sometimes Soon Once Only Just Unlike Despite Among Instead Much Few Others Officials
    Additionally Finally Eventually Recently Currently Previously Subsequently Initially Consequently Moreover
    Furthermore Thus Hence Therefore """
_NAME_PARTICLES = "Le La Les De Du Des"

_BOUND = {"fr": frozenset((_TITLES + _FRENCH_TITLES).split()), "en": frozenset((_TITLES + _ENGLISH_TITLES).split())}
"""What follows these belongs to them, whatever it is."""

_BOUND_TO_NUMBERS = {"fr": frozenset((_NUMBERED + _FRENCH_NUMBERED).split()), "en": frozenset(_NUMBERED.split())}
"""These hold on to a number that follows, and to nothing else: `sept. 2021`, but `Ils étaient sept. Le huitième…`."""

_MAY_CLOSE = frozenset(_CLOSING.split())
"""These may close a sentence; then a common first word must follow, as after initials and dotted acronyms."""

_COMMON_FIRST = frozenset(_FIRST_WORDS.split())
_PARTICLES = frozenset(_NAME_PARTICLES.split())
_HOURS = frozenset(_TIMES.split())

_TOKEN = re.compile(r"[\w.°\-]+\Z")
_DOTTED = re.compile(r"(?:\b[^\W\d_]{1,2}\.-?)+[^\W\d_]{1,2}\Z")
_INITIAL = re.compile(r"(?:\A|-)[^\W\d_]\Z")
_UNIT = re.compile(r"(?:\d\s?|/)[a-z]\Z")
_ORDINAL = re.compile(r"\b[IVX]\Z")
_ERA = re.compile(r"\b(?:avant|après|av\.|apr\.)\s?J\.?-C\Z|\d\s(?:B\.C|A\.D|B\.C\.E)\Z")
_NUMBER = re.compile(r"[\d§(]|[A-Z][.\d]|[IVXLC]{2,}\b|[VX]\b(?!['’])")
_ELIDED = re.compile(r"(?:[LDCJSNMT]|Qu|Lorsqu|Puisqu|Jusqu|Aujourd)['’]")
_WORD = re.compile(r"\w+(?!\.\w)")
_AFTER_HOURS = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|(?:Eastern|Central|Pacific|Mountain|Greenwich)\b|"
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s\d|[A-Z]{1,4}T\b|UTC\b|(?:[A-Z]\w+\s){1,3}[Tt]ime\b"
)
"""A day, a zone or a place's time, which belong to the hour before them."""


def opens_like_a_sentence(after: str) -> bool:
    """Whether `after` begins as sentences do and names do not: `Le`, `L’`, `However`."""
    return bool(_ELIDED.match(after)) or _first_word(after) in _COMMON_FIRST


def may_end_sentence(before: str, after: str, lang: str) -> bool:
    """Whether a full stop between `before` and `after` may end a sentence; `after` starts like one.

    Both are short pieces of the text: `before` ends just ahead of the stop, `after` starts past spaces and quotes.
    """
    found = _TOKEN.search(before)
    token = found[0] if found else ""
    if _ERA.search(before):
        return True
    if token in _BOUND[lang]:
        return False
    if token in _HOURS:
        return opens_like_a_sentence(after) or not _AFTER_HOURS.match(after)
    if token in _BOUND_TO_NUMBERS[lang] and _NUMBER.match(after):
        return False
    if _INITIAL.search(token) and not _UNIT.search(before):
        return opens_like_a_sentence(after) and not (_is_of_a_name(before) and _first_word(after) in _PARTICLES)
    if token in _MAY_CLOSE or _DOTTED.search(token):
        return opens_like_a_sentence(after)
    return True


def _first_word(after: str) -> str:
    found = _WORD.match(after)
    return found[0] if found else ""


def _is_of_a_name(before: str) -> bool:
    """Whether the letter that ends `before` is an initial, as in `Jean J.` (Le Goff), and no `Charles X.`"""
    words = before.split()
    return len(words) > 1 and words[-2][0].isupper() and not _ORDINAL.search(before)
