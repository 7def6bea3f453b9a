"""Recognises lines of a news page that are not the article: bylines, credits, captions, links, comments, notices.

Knows patterns of French and English sites, one line at a time, and nothing of where the line stands. A line that might
be the article's own is not furniture.
"""

import re

_AGENCY = (
    r"(?:l['’])?(?:the\s)?(?:agence\sfrance-presse|AFP|associated\spress|AP|(?:thomson\s)?reuters|UPI|EFE|DPA|ANSA|belga|"
    r"(?:keystone-)?ATS|TASS|xinhua|bloomberg(?:\snews)?|(?:la\s)?presse\scanadienne|(?:the\s)?canadian\spress|"
    r"(?:la\s)?presse\sassociée|press\sassociation|getty\simages|anadolu|kyodo|new\syork\stimes|wall\sstreet\sjournal|"
    r"washington\spost|cnn|bbc(?:\snews)?|euronews|radio-canada|france\s(?:24|info)|franceinfo|RFI|RTL|RTBF|"
    r"le\s(?:monde|figaro|parisien|devoir|soir|temps|point)|libération|la\s(?:presse|croix)|ouest-france|the\sguardian)"
)
_AND = r"\s*(?:[,/|&–—-]|et|and|avec|with|via|pour|for)\s*"
_MONTH = (
    r"(?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre|janv|févr|fév|avr|juil|"
    r"sept|oct|nov|déc|january|february|march|april|may|june|july|august|september|october|november|december|"
    r"jan|feb|mar|apr|jun|jul|aug|sep|dec)\.?"
)
_DAY = (
    r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|monday|tuesday|wednesday|thursday|friday|saturday|"
    r"sunday|mon|tue|wed|thu|fri|sat|sun)\.?,?\s)?"
)
DATE = (
    rf"{_DAY}(?:le\s)?(?:(?:\d{{1,2}}|1er)\s{_MONTH}(?:,?\s\d{{4}})?|{_MONTH}\s\d{{1,2}}(?:,?\s\d{{4}})?|"
    r"\d{4}-\d{2}-\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{4})"
)
"""A calendar date as news writes it; match without regard to case."""

_CLOCK = r"(?:\d{1,2}\s?(?:[h:.]\s?\d{0,2})?\s?(?:[ap]\.?m\.?)?(?:\s?\(?[a-z]{2,4}\)?)?)"

_WHOLE_LINES = (
    rf"[(\[–—-]*\s*(?:(?:source|avec|with|par|by|from)s?\s?:?\s)?{_AGENCY}(?:{_AND}{_AGENCY})*\s*[)\].]?",
    rf"(?:(?:première\s)?(?:publié|mis\sà\sjour|modifié|posté|diffusé|published|updated|posted|created|last\supdated|"
    rf"dernière\smise\sà\sjour|publication|mise\sà\sjour)e?\s?:?\s(?:le\s|on\s|at\s|à\s)?)?{DATE}"
    rf"(?:\s?[,|·•à@–-]?\s?(?:at\s|à\s)?{_CLOCK})?(?:[\s,;|·•–-]+(?:publié|mis\sà\sjour|modifié|updated|published|modified).{{0,60}})?\.?",
    rf"(?:last\s)?(?:updated|published|posted)\s?:?\s{_CLOCK},?\s{DATE}",
    r"photos?\sd['’]archives?|file\sphoto",
    r"(?:temps\sde\slecture|reading\stime|lecture)\s?:?\s\d.{0,20}|\d+\s?(?:min|minutes?)(?:\sread|\sde\slecture)",
    r"(?:laisse[rz]|postez?|publie[rz]|ajoute[rz]|écrire)\sun\scommentaire|(?:leave|post|add|write)\sa\s(?:comment|reply)",
    r"(?:\d+\s|\()?(?:commentaires?|comments?|réactions?|replies)(?:\s?\(?\d*\)?)?",
    r"(?:partage[rz]|share|tweete[rz]|tweet|imprime[rz]|print|envoye[rz]|copie[rz]\sle\slien|copy\slink|e-?mail|courriel|"
    r"facebook|twitter|x|linkedin|whatsapp|telegram|instagram|messenger|pinterest|reddit)"
    r"(?:\s(?:sur|on|via|par|by|to|cet?\sarticle|cette\spage|l['’]article|this(?:\s\w+)?|with).{0,40})?",
    r"(?:(?:facebook|twitter|linkedin|whatsapp|telegram|instagram|pinterest|reddit|e-?mail|print|x)[\s,|·•/]*){2,}",
    r"(?:sur\sle\smême\s(?:sujet|thème)|articles?\s(?:liés|connexes|similaires|recommandés|associés)|plus\sd['’]articles|"
    r"related(?:\s(?:articles?|stories|content|topics|news))?|more\s(?:stories|news|on\sthis(?:\sstory)?)|recommended|"
    r"trending|most\sread|les\splus\slus|à\sla\sune|à\slire|top\sstories|editors?['’]\spicks?|tags?|mots-clés|topics)\s?:?",
    r"publicité|annonce|advertisement|ad|sponsored(?:\scontent)?|contenu\ssponsorisé|promoted|"
    r"la\ssuite\saprès\s(?:la\spublicité|cette\sannonce)|(?:article|story)\scontinues\s(?:below|after).{0,40}",
    r"(?-i:[a-z]{2,4}(?:-[a-z]{2,4})?(?:/[a-z]{2,4})+)",
    r"none|null|nan|undefined|n/a|untitled|sans\stitre|fin|end|###",
    r"@\w{1,30}|[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}|(?:https?://|www\.)\S+",
    r"(?:texte|text|photos?|article|story)\s(?:de|by|par)\s.{2,60}[^.!?]",
    r"(?:par|by)\s(?:la\srédaction|staff|our\s(?:staff|correspondent)|newsroom|notre\s(?:envoyé|correspondant)).{0,40}",
)

_OPENINGS = (
    r"(?:à\s)?(?:lire|voir|écouter|lisez|regarder|regardez|relire)\s(?:aussi|également|la\ssuite)\b|"
    r"(?:à\s)?(?:lire|voir|écouter|relire)\s?:|(?:read|see|watch|listen)\s(?:more|also|next|the\sfull)\b|"
    r"also\s(?:read|see)\b|(?:read|watch|related|listen|more|voir|vidéo|video)\s?:|>>|→|►|▶",
    r"(?:pour\saller\splus\sloin|en\ssavoir\splus)\s?(?::|\Z)|click\shere|cliquez\sici|tap\shere",
    r"il\svous\sreste\s[\d.,]+\s?%\sde\scet\sarticle|(?:la\ssuite|cet\sarticle)\sest\sréservée?\saux\sabonnés",
    r"cet(?:te)?\s(?:histoire|article|texte|dépêche|page)\sa\s(?:été\s(?:mis\w*\sà\sjour|actualis|traduit|"
    r"(?:initialement|d['’]abord)\spubli)|(?:initialement|d['’]abord)\sété\spubli)",
    r"this\s(?:story|article|post|piece|page)\s(?:has\sbeen|was|is)\s(?:(?:also\s)?(?:updated|corrected|amended|translated|"
    r"republished|developing|being\supdated)|(?:originally|first|previously)\spublished)",
    r"(?:newsletter|infolettre)\s?(?::|\Z)|tous\sdroits\s(?:de\s\w+\s)?réservés|all\srights\sreserved|©|"
    r"(?:\(c\)|copyright)\s(?:©|\(c\)|\d{4})",
    r"(?:nous\sutilisons|ce\ssite\sutilise)\sdes\scookies|(?:we\suse|this\s(?:web)?site\suses)\scookies",
    r"votre\sadresse\s(?:e-?mail|de\smessagerie|courriel)|your\semail\saddress|enregistrer\smon\snom|save\smy\sname|"
    r"les\schamps\sobligatoires|required\sfields|vous\sdevez\s(?:être\sconnecté|vous\sconnecter)|you\smust\sbe\slogged",
    r"(?:de\s)?(?:notre|nos)\s(?:correspondant|envoyé)e?s?(?:\s(?:spécial|permanent)\w*)?(?:[\s,]+(?:à|en|aux?|de)\s.{2,40})?\Z",
)

_APPEALS_AND_CREDITS = (
    r"abonnez-vous|s['’]abonner\b[^.]*\Z|inscrivez-vous|rejoignez-nous|soutenez-nous|télécharge[rz]\s(?:l['’]|notre\s)appli|"
    r"suivez(?:-nous|\s.{1,40}\ssur\s(?:twitter|facebook|x|instagram|google))|recevez\s(?:notre|nos)\s",
    r"(?:subscribe|sign\sup|log\sin|sign\sin|register)(?:\s(?:to|for|now|here|today|with)\b|\Z)|follow\sus\b|"
    r"follow\s.{1,40}\son\s(?:twitter|facebook|x|instagram|google)|download\s(?:the|our)\sapp|"
    r"get\s(?:our|the)\s(?:\w+\s)?newsletter|support\sour\sjournalism",
    r"(?:(?:additional\s)?reporting|writing|editing|edited|written|compiled)\s(?:and\s\w+\s)?by\s(?-i:[A-Z])",
    r"propos\srecueillis\spar|traduit\s(?:de\sl['’]\w+\s)?par|(?:avec|with)\sla\scollaboration\sd|adaptation\sfrançaise",
)
_CLAUSE = re.compile(
    r"(?!.*\b(?:our|your|notre|nos|votre)\b).*,\s(?:the|an?|it|he|she|they|le|la|les|l['’]\w+|une?|ce|cette|il|elle|ils|elles|on|"
    r"a|ont|avait|avaient)\s(?:\S+\s){2}.*[.!?…]\Z"
)
"""How a sentence goes on that began like one of these: `Written by Jesse Armstrong, the series follows a family.`"""

_CAPTION_OPENINGS = (
    r"(?:PHOTOS?|IMAGES?|ILLUSTRATION|INFOGRAPHIE|VIDÉO|VIDEO|GRAPHIC|FILE\sPHOTO|CAPTURE\sD['’]ÉCRAN)\b"
    r"(?:\s?[:|/©–—-]|\s[A-ZÀ-Ý]{2})",
    r"(?:(?:[Cc]rédits?\s)?[Pp]hotos?|[Cc]rédits?|[Cc]redits?|[Pp]hoto\s[Cc]redit|[Ii]mages?|[Ii]llustrations?|"
    r"[Ll]égende|[Cc]aption|[Pp]icture|[Ff]ile\s(?:[Pp]hoto|[Pp]icture)|[Pp]hoto\sd['’]archives?|[Ii]nfographie|"
    r"[Gg]raphic)\s?[:|©/]",
    r"[(\[](?:Photos?|photos?|AP\sPhoto|Image|Crédit|Credit|Illustration|Courtesy)\b",
)
_SIGNED = r"[A-ZÀ-Ý][\w.'’-]+(?:\s[A-ZÀ-Ý][\w.'’-]+){0,3}"
_PICTURE_AGENCY = r"(?:REUTERS|Reuters|AFP|AP|EPA|DPA|SIPA|Sipa|GETTY(?:\sIMAGES)?|Getty(?:\sImages)?)"
_CAPTION_ENDINGS = (
    r"[(\[](?:(?:AP|AFP|File|Handout)\s)?(?:Photos?|Image|Crédits?|Credit|Courtesy|Handout)\s?"
    r"(?:by\b|de\b|of\b|par\b|d['’]|[:/©,])[^()\[\]]{0,80}[)\]]\.?",
    r"(?:Photos?|Image|Crédits?(?:\sphotos?)?|Credits?|PHOTO)\s?[:©]\s?[^.!?:]{2,80}\.?",
    rf"{_PICTURE_AGENCY}\s?/\s?{_SIGNED}",
    rf"{_SIGNED}\s?/\s?{_PICTURE_AGENCY}",
    r"(?:[/,]\s?|\bvia\s|©\s?)Getty\sImages",
    r"©\s?[\w\s.,'’/-]{2,60}",
)

_MAX_LINE_CHARS = 300
_MAX_CAPTION_CHARS = 600

_WHOLE_LINE = re.compile(rf"(?:{'|'.join(_WHOLE_LINES)})\Z", re.IGNORECASE)
_OPENING = re.compile("|".join(_OPENINGS), re.IGNORECASE)
_APPEAL_OR_CREDIT = re.compile("|".join(_APPEALS_AND_CREDITS), re.IGNORECASE)
_CAPTION_OPENING = re.compile("|".join(_CAPTION_OPENINGS))
_CAPTION_ENDING = re.compile(rf"(?:{'|'.join(_CAPTION_ENDINGS)})\s*\Z")
_ENDING_CHARS = 160

_COMMENT_FORM = re.compile(
    r"(?:laisse[rz]|postez?|publie[rz]|ajoute[rz])\sun\scommentaire|(?:leave|post|add)\sa\s(?:comment|reply)",
    re.IGNORECASE,
)
_BARE_DATE = re.compile(rf"(?:{DATE}|{_MONTH}\s\d{{4}}|\d{{4}})\Z", re.IGNORECASE)
_LABELLED = re.compile(r"(?:VIDÉO|VIDEO|INFOGRAPHIE)\s?[|–—-]\s")
_BYLINE = re.compile(r"(?:[Pp]ar|PAR|[Bb]y|BY|[Tt]exte\s?:|[Aa]uteur\s?:|[Aa]uthor\s?:)\s+(.+)")
_CONNECTORS = """
    et and de du des la le les d l van von der den al el bin ben à au en in at of for the avec with pour from to
    correspondant correspondante correspondent envoyé envoyée spécial spéciale special staff writer reporter
    journaliste politique chef bureau rédaction rédacteur rédactrice editor senior chief """
_IN_BYLINES = frozenset(_CONNECTORS.split())
_WORD = re.compile(r"[^\W_]+")
_NAMES = re.compile(r"[A-ZÀ-Ý][\w.'’-]+(?:\s(?:[A-ZÀ-Ý][\w.'’-]*|de|du|van|von|el|al|bin)){1,3}")


def is_furniture(line: str) -> bool:
    """Whether a line of the page, trimmed, is no part of the article's text."""
    if len(line) > _MAX_LINE_CHARS:
        return is_caption(line)
    if _WHOLE_LINE.match(line) or _OPENING.match(line):
        return True
    return _is_appeal_or_credit(line) or _is_byline(line) or is_caption(line)


def is_caption(line: str) -> bool:
    """Whether a line describes or credits a picture."""
    if len(line) > _MAX_CAPTION_CHARS:
        return False
    return bool(_CAPTION_OPENING.match(line) or _CAPTION_ENDING.search(line, max(0, len(line) - _ENDING_CHARS)))


def opens_comment_form(line: str) -> bool:
    """Whether readers' comments, or the form to write one, begin at this line."""
    return len(line) <= _MAX_LINE_CHARS and bool(_COMMENT_FORM.match(line))


def is_date(line: str) -> bool:
    """Whether a line is but a date, a month or a year, as those that head the events of a chronology."""
    return bool(_BARE_DATE.match(line))


def is_labelled(line: str) -> bool:
    """Whether a line begins as captions do and, at the top of a page, headlines: `VIDÉO – L’OTAN quitte Kaboul`."""
    return bool(_LABELLED.match(line))


def is_name(line: str) -> bool:
    """Whether a line is but a person's name, as authors sign: `Jean-Paul Dupont`."""
    return len(line) <= 50 and bool(_NAMES.fullmatch(line))


def _is_appeal_or_credit(line: str) -> bool:
    return bool(_APPEAL_OR_CREDIT.match(line)) and not _CLAUSE.match(line)


def _is_byline(line: str) -> bool:
    """`Par Jean Dupont, à Bruxelles`, but neither `Par Toutatis !` nor `By Monday the army had left.`"""
    found = _BYLINE.match(line)
    if not found or line[-1] in ".!?…:;," or len(line) > 150:
        return False
    words = _WORD.findall(found[1])
    return bool(words) and words[0][0].isupper() and all(word[0].isupper() or word in _IN_BYLINES for word in words)
