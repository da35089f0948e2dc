"""Recognises furniture and section titles by their shape: buttons, breadcrumbs, dates of review, feedback boxes.

There is no list of phrases: a button is a short line made only of the few words that interfaces use, a breadcrumb trail
is short parts between arrows, a stamp is a date after the word for what was done then.
"""

from __future__ import annotations

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Characters of a line, at most: of any furniture but a label ("Search for: ..."); of what has a shape, such as trails,
# ratings, running heads and feedback; of titles, buttons, and what opens an answer.
LONG_PART, SHAPED, TITLE, BUTTON, TOGGLE = 160, 80, 70, 60, 30

# ---------------------------------------------------------------- single lines

_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+$"
    r"|(?:[\w-]+\.)+(?:com|org|net|gov|edu|info|io|uk|de|eu|int)(?:/\S*)?$"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+$"
)
_TRAIL = re.compile(  # Home › Health;  Home / Health / Asthma;  Terms | Privacy
    r"[^?!]{1,60}(?:\s*[›»→]\s*[^?!›»→]{1,60}){1,7}$|[^?!.|/>]{1,40}(?:\s[/|>]\s[^?!.|/>]{1,40}){2,7}$"
    r"|[A-Z][^?!.|>]{1,40}\s[|>]\s[A-Z][^?!.|>]{1,40}$"
)
_ARROW = re.compile(r"[←↑↓→⇧⇦⇨‹›«»^×✕▲▼<>]\s?[^.!?]{1,40}$|[^.!?]{1,40}\s?[←↑↓→⇧⇦⇨‹›»×✕▲▼>]$")
_RATING = re.compile(r"[★☆👍👎♥❤⭐]")
_LETTERS = re.compile(r"(?:\w\W{1,3}){4,60}\w$")  # A B C D ... : an index, or 1 2 3 4 5
_HASHTAGS = re.compile(r"#\w+(?:\s+#\w+)+$")
_COUNT = re.compile(
    r"(?:page\s)?\d{1,4}\s?(?:of|/)\s?\d{1,4}$|\d[\d,]*\s(?:answers?|comments?|replies|views?|likes?|votes?|shares?)$"
    r"|\d{1,3}\smin(?:ute)?s?\sread$|reading time\b",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = rf"(?:\d{{1,2}}[./ -])?(?:{_MONTH}|\d{{1,2}}|\d{{4}})[./ ,-]"
_STAMP = (
    r"(?:(?:this )?(?:page|content|article|answer|information|text) (?:was )?)?(?:medically |clinically |date )?"
    r"(?:last |first )?(?:reviewed|updated?|modified|published|posted|revised|written|edited|checked|created|"
    rf"review date|answered|asked)(?:\s*:|\s(?:by|on|at|date)\b|\s{_DATE}|$)"
)
_BYLINE = (
    r"By(?: [A-Z][\w.'’-]+){2,4}(?:, [A-Z][A-Za-z.]{1,5})*$|(?i:author|content source|contributors?|editor|date)\s?:"
)
_COPYRIGHT = re.compile(r"©|\(c\)\s*(?:19|20)\d\d|copyright\b.{0,30}\d{4}|all rights reserved", re.IGNORECASE)
_COOKIES = re.compile(r"\b(?:we|site|website|page)\b.{0,40}\bcookies\b", re.IGNORECASE)
_PREFIX = re.compile(
    r"(?:people also )?search(?:ed|es)?(?: results)?(?:\s+for\s?:|\s?:)|people also search\w* for\b"
    r"|related (?:search|question|article|topic|link|page|post|content|resource)\w*(?:\s?:|$)|see also\b(?:\s?:|$)"
    r"|tags?\s?:|filed under\b|categor(?:y|ies)\s?:|share(?: this(?: \w+)?| on| via)?\s?:",
    re.IGNORECASE,
)
_LEADS_ON = (
    r"(?:(?:learn|read|find out|see|get|view|show) (?:\d+ )?more\b|(?:back|skip|jump) to\b|more (?:from|on|about)\b)"
    r"[^.?!:]{0,50}$"
)
_HELPFUL = re.compile(
    r"(?:(?:was|is|were|did|do|does|has|have|rate|how)\b.{0,40}|\d[\d,]*\s.{0,30}|found\b.{0,30})"
    r"\b(?:helpful|useful|helped?(?: you)?|answer your question|you (?:needed|were looking for|wanted))\b",
    re.IGNORECASE,
)
_OFFER = (
    r"(?:still|need|got|have|having|any|more|can['’]?t|couldn['’]?t|not|didn['’]?t|do you have)\b[^?]{0,50}"
    r"\b(?:questions?|help|looking for|answers?|need)\s?\?"
)
_WORDS = re.compile(r"[^\W_]+")
_UI = _set(
    """share print email tweet pin save back skip read show see view load expand collapse close menu login sign log
    subscribe advertisement advertisements sponsored feedback next previous prev home top main content contents more
    less all page pages this link links copy download pdf listen comment comments reply replies like likes facebook
    twitter linkedin whatsapp pinterest instagram youtube reddit site map sitemap privacy policy terms use conditions
    contact us follow cookie cookies settings accept reject article articles navigation search click here yes no
    helpful bookmark on in to the a an of by up out and or your at not for our my me it with newsletter register
    account cart toggle open report text version add favorite favorites favourites give go continue jump return
    question questions answer answers problem error issue team now today topic topics result results post posts
    clipboard hide submit ask rate what is was you are looking find learn also related list section profile details
    options video watch play join get start started app browse explore discover alerts alert updates bottom start end
    reading thank thanks loading please wait older newer popular recommended trending disclaimer accessibility
    embed careers select language as via enter mailing donate flag abuse faq faqs breadcrumb tap size font about
    below english spanish español espanol en upvote downvote upvotes downvotes translate"""
)
_UI_CORE = _set(
    """share print email tweet pin skip read show view load expand collapse close menu login sign log subscribe
    advertisement advertisements sponsored feedback next previous prev home back sitemap privacy terms contact follow
    cookie cookies copy download listen comment comments reply facebook twitter linkedin whatsapp pinterest navigation
    search click bookmark newsletter register toggle continue return jump site save hide submit report top more see
    ask learn browse explore watch play join add loading older newer recommended trending disclaimer accessibility
    careers embed donate us flag upvote downvote tap breadcrumb font español espanol translate mailing"""
)
# The first words of lines that the patterns above can match; spares most lines the patterns.
_FIRST = _set(
    """people search searched searches related see tag tags filed category categories share this page content article
    answer information text medically clinically date last first reviewed review update updated modified published
    posted revised written edited checked created answered asked was is were did do does has have rate how found still
    need got having any more can can't can’t couldn't couldn’t not didn't didn’t want copyright all learn read find
    get view show back skip jump by author contributors contributor editor reading we our"""
)
_SIGNS = re.compile(r"[›»→>|/←↑↓⇧⇦⇨‹«^×✕▲▼<★☆👍👎♥❤⭐©#(](?:(?<!\()|c\))")
# One pattern for all openings: a call costs more than one more alternative.
_IN_ANY_CASE = (_PREFIX.pattern, _STAMP, _COPYRIGHT.pattern, _LEADS_ON, _COUNT.pattern)
_OPENINGS = re.compile("|".join(f"(?i:{pattern})" for pattern in _IN_ANY_CASE) + f"|{_BYLINE}")
_ASKING_BACK = re.compile(f"{_HELPFUL.pattern}|{_OFFER}", re.IGNORECASE)
_ASKING_BACK_WORDS = (
    "help",
    "answer",
    "question",
    "need",
    "useful",
    "looking",
    "wanted",
)  # every match has one
# First words of questions to the reader; no other furniture opens with them.
_OPENS_ASKING_BACK = _set(
    """was is were did do does has have how still need got having can can't can’t couldn't couldn’t not didn't didn’t"""
)
_LABELS = _set("pe se re ta fi ca sh")  # the first letters of what `_PREFIX` matches


def is_furniture(text: str) -> bool:
    """Whether a line has the shape of furniture: a link, a breadcrumb trail, a button, a date stamp, a feedback box.

    >>> [is_furniture(t) for t in ("Back to top", "Was this helpful? Yes No", "example.org › health", "Take a rest.")]
    [True, True, True, False]
    >>> [is_furniture(t) for t in ("Updated 3 May 2019", "Home / Health / FAQ", "Published studies disagree.")]
    [True, True, False]
    """
    if len(text) > LONG_PART:
        return text[:2].casefold() in _LABELS and _PREFIX.match(text) is not None
    words = text.split(None, 1)
    first = words[0].lower().rstrip(":") if words else ""
    if first in _FIRST and _opens_part(text, first):
        return True
    if len(words) == 1 and _ADDRESS.match(text):
        return True
    if len(text) <= TOGGLE and words and (first in _TOGGLE_VERBS or _ends_as_toggle(text)):
        return _TOGGLE_WORDS.issuperset(text.casefold().split())
    if not first.isalnum() and not any(map(str.isalnum, text)):
        return text.strip(".… ") != ""
    if text[0] in "[_" and _OF_A_WIKI.match(text):
        return True
    if text[-1:].isdigit() and is_page_line(text):
        return True
    if (first in ("end", "the") or not first[:1].isalnum()) and _END.match(text):
        return True
    if (_SIGNS.search(text) and _is_signed(text)) or (first[:1].isdigit() and _is_counted(text)):
        return True
    if "?" in text and len(text) <= SHAPED:
        head, _, rest = text.partition("?")
        return len(head) < 50 and rest != "" and is_button(rest) and not is_toggle(rest.strip())
    return is_button(text) or ("opyright" in text and _COPYRIGHT.search(text) is not None)


_OF_A_WIKI = re.compile(r"\[\[[^\W\d_]{2,20}:[^\[\]|]{1,60}\]\]$|__[A-Z]{3,20}__$")  # a category, "__NOTOC__"
_END = re.compile(r"[\W_]*(?:the )?end(?: of (?:the |this )?[\w ]{3,30})?[\W_]*$", re.IGNORECASE)
# What a printed page repeats: "Guide to claims    Page 2", "Seite 3 von 9".
_RUNNING_HEAD = re.compile(
    r"(?:\S.{0,60}(?:\s{2,}|\s[|•–—-]\s))?(?:page|seite|página|pagina|strona|sida|side|sivu|strana|sayfa|p\.|стр\.)\s?\d{1,4}"
    r"(?:\s?(?:of|von|de|di|sur|van|af|od|/|z|av|из)\s?\d{1,4})?$",
    re.IGNORECASE,
)


def is_page_line(text: str) -> bool:
    """Whether a line is the head or foot of a printed page, with its number: "Guide   Page 3", "- 4 -"."""
    if text[-1:].isdigit():
        return len(text) <= SHAPED and _RUNNING_HEAD.match(text) is not None
    return is_page_number(text)


def is_page_number(text: str) -> bool:
    """Whether a line is a number between dashes."""
    return len(text) < 12 and _PAGE_NUMBER.match(text) is not None


_PAGE_NUMBER = re.compile(r"[-–—]\s?\d{1,4}\s?[-–—]$")


def _ends_as_toggle(text: str) -> bool:
    return text.rsplit(None, 1)[-1].casefold() in _TOGGLE_VERBS


def _opens_part(text: str, first: str) -> bool:
    if first not in _OPENS_ASKING_BACK and _OPENINGS.match(text):
        return True
    small = text.casefold()
    if "ook" in small and _COOKIES.search(text):
        return True
    return (
        len(text) <= SHAPED
        and any(map(small.__contains__, _ASKING_BACK_WORDS))
        and _ASKING_BACK.match(text) is not None
    )


def _is_signed(text: str) -> bool:
    if _COPYRIGHT.search(text) or _ADDRESS.match(text) or _HASHTAGS.match(text):
        return True
    return len(text) <= SHAPED and bool(_RATING.search(text) or _TRAIL.match(text) or _ARROW.match(text))


def _is_counted(text: str) -> bool:
    return bool(_COUNT.match(text) or _LETTERS.match(text) or (len(text) <= SHAPED and _HELPFUL.match(text)))


def is_button(text: str) -> bool:
    """Whether a line is made only of words that interfaces use.

    >>> is_button("Print this page"), is_button("See your doctor")
    (True, False)
    """
    if len(text) > BUTTON or (text[-1:] in ".:;" and not text.endswith("...")):
        return False
    words = {word for word in _WORDS.findall(text.lower()) if not word.isdigit()}
    if not _UI.issuperset(words):
        return len(text) > 8 and _LETTERS.match(text) is not None
    is_act = not _UI_CORE.isdisjoint(words) or {"yes", "no"} <= words or {"rate", "this"} <= words
    return is_act and len(words) <= 7


# ---------------------------------------------------------------- furniture beside and inside answers

# The two buttons below "Was this helpful?".
_CHOICES = [
    frozenset(pair.split())
    for pair in (
        "yes no", "ja nein", "oui non", "sí no", "si no", "sì no", "sim não", "ja nee", "tak nie", "ja nej", "ja nei",
        "kyllä ei", "ano ne", "áno nie", "igen nem", "da nu", "da ne", "evet hayır", "ναι όχι", "да нет", "так ні",
        "да не", "taip ne", "jā nē", "jah ei", "نعم لا", "بله خیر", "כן לא", "हाँ नहीं", "はい いいえ", "是 否",
        "是 不是", "네 아니요", "예 아니요", "ใช่ ไม่ใช่", "có không", "ya tidak",
    )
]  # fmt: skip


def is_choice(text: str) -> bool:
    """Whether a text is the two buttons of a question to the reader: yes and no.

    >>> is_choice("Oui Non"), is_choice("Oui"), is_choice("Yes No matter")
    (True, False, False)
    """
    return len(text) < 24 and frozenset(_WORDS.findall(text.casefold())) in _CHOICES


_TOGGLE_WORDS = _set(
    """show hide view see read open close expand collapse toggle reveal more less answer answers details the this add
    remove plus minus
    zobrazit skrýt odpověď odpověd zobraziť skryť odpoveď rozbalit sbalit mutasd megjelenítése elrejtése válasz
    megnyitás bezárás vis skjul svaret näytä piilota vastaus göster gizle cevabı yanıtı cevap arată ascunde răspunsul
    răspuns εμφάνιση απόκρυψη απάντησης απάντηση відповідь показати сховати hiện ẩn xem trả lời lihat tampilkan
    sembunyikan jawaban prikaži sakrij odgovor sakrij покажи скрий отговор rodyti slėpti atsakymą
    anzeigen ausblenden einblenden öffnen schließen antwort antworten aufklappen zuklappen die mostrar ocultar ver abrir
    cerrar respuesta respuestas la afficher masquer voir ouvrir fermer réponse mostra nascondi apri chiudi risposta
    fechar resposta a toon verberg sluit antwoord het pokaż ukryj odpowiedź visa dölj svar показать скрыть ответ закрыть
    显示答案 隐藏答案 查看答案 展开 收起 關閉 关闭 答えを見る 回答を見る 閉じる 답변 보기 닫기
    عرض إخفاء الإجابة الجواب إغلاق"""
)
_TOGGLE_VERBS = _set(
    """anzeigen ausblenden einblenden öffnen schließen aufklappen zuklappen mostrar ocultar abrir cerrar afficher
    masquer ouvrir fermer mostra nascondi apri chiudi fechar toon verberg sluit pokaż ukryj visa dölj
    zobrazit skrýt zobraziť skryť rozbalit sbalit megjelenítése elrejtése bezárás vis skjul näytä piilota göster gizle
    arată ascunde εμφάνιση απόκρυψη показати сховати xem lihat tampilkan sembunyikan prikaži sakrij покажи скрий
    показать скрыть закрыть
    显示答案 隐藏答案 查看答案 展开 收起 關閉 关闭 答えを見る 回答を見る 閉じる 보기 닫기 عرض إخفاء إغلاق"""
)
_ICON_NAME = re.compile(r"[a-z]{3,12}(?:_[a-z]{2,12}){1,3}$")  # names of Material icons: "expand_more"


def is_toggle(text: str) -> bool:
    """Whether a line between a question and its answer only opens the answer: a sign, an icon's name, "Show answer".

    >>> [is_toggle(text) for text in ("+", "▼", "[+]", "Show answer", "keyboard_arrow_down", "Add salt", "180")]
    [True, True, True, True, True, False, False]
    """
    if len(text) > TOGGLE:
        return False
    words = _WORDS.findall(text.casefold()) if not text[:1].isalnum() else text.casefold().split()
    return not any(map(str.isalnum, text)) or _ICON_NAME.match(text) is not None or _TOGGLE_WORDS.issuperset(words)


def is_content(text: str) -> bool:
    """Whether a line has the shape of furniture, but may be part of an answer: an address, a path, a rule, a list.

    >>> [is_content(text) for text in ("https://example.org/book", "Hall B > Lift > Floor 2", "***", "Back to top")]
    [True, True, True, False]
    """
    if len(text) > SHAPED or _COPYRIGHT.search(text):
        return False
    if " " not in text and _ADDRESS.match(text):
        return True
    if not any(map(str.isalnum, text)):
        return True
    return not is_button(text) and not _OPENINGS.match(text) and not _ASKING_BACK.match(text)


# ---------------------------------------------------------------- section titles

_SECTION = _set(
    """about the a an of and or for with in on to your our it this general common frequently asked other more further
    key basic basics faq faqs question questions answer answers overview introduction summary background information
    info facts treatment treatments therapy therapies diagnosis symptoms symptom signs causes cause prevention
    condition conditions disease diseases disorder living people also ask page contents content table index topics
    topic related resources references reading links help support research studies risk risks factors outlook
    prognosis complications tests testing exams care management medications medicines drugs surgery side effects what
    who how when why section part jump getting started quick guide know need at glance coping daily life after before
    during types stages stage genetics inheritance epidemiology statistics glossary terms sources see notes patients
    families caregivers additional understanding managing"""
)
_SMALL = _set("the a an of and or for with in on to your our it this at what who how when why from by as is")


def is_section_title(text: str) -> bool:
    """Whether a line is a title made only of words that name sections.

    >>> [is_section_title(t) for t in ("Living With It", "Frequently Asked Questions", "Crutches")]
    [True, True, False]
    """
    if not text or len(text) > TITLE or text[-1] in ".!?;,…":
        return False
    words = [word for word in _WORDS.findall(text.lower()) if not word.isdigit()]
    return 0 < len(words) <= 8 and _SECTION.issuperset(words) and not _SMALL.issuperset(words)


def is_title(text: str) -> bool:
    """Whether a line is short enough for a title, opens with a capital or a number, and has no stop at its end.

    >>> [is_title(t) for t in ("Managing Daily Life", "At the hospital", "Take it with food.", "it helps")]
    [True, True, False, False]
    """
    if not text or len(text) > TITLE or text[-1] in ".!?;,…•:" or text[0].islower():
        return False
    words = _WORDS.findall(text)
    return 0 < len(words) <= 8
