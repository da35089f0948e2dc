"""Recognises the language of a text by its script and its most frequent words; None where neither leaves little doubt.

No library: the ones that tell 50 languages apart carry models of megabytes, and a page of questions shows its language
by its function words.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache

PROBE = 700  # characters that are looked at, at the beginning, in the middle and at the end
SURELY_ENGLISH = 0.15  # share of the words that are English function words; other languages have up to .06
FEWEST_WORDS = 4  # function words of a language in a text; fewer show nothing
CLEAR = 1.5  # times as many as of the next language
MOST_OF_SCRIPT = 0.3  # share of the letters; a page in Thai has Latin names in it

# Scripts that one language of the web is written in, by the first and last of their characters.
_SCRIPTS = {
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "he": "\u0590-\u05ff",
    "th": "\u0e00-\u0e7f",
    "ko": "\uac00-\ud7af\u1100-\u11ff",
    "hi": "\u0900-\u097f",
    "bn": "\u0980-\u09ff",
    "ta": "\u0b80-\u0bff",
    "te": "\u0c00-\u0c7f",
    "ka": "\u10a0-\u10ff",
    "hy": "\u0530-\u058f",
    "kana": "\u3040-\u30ff",
    "han": "\u3400-\u9fff",
    "arabic": "\u0600-\u06ff",
    "cyrillic": "\u0400-\u04ff",
    "latin": "a-z\u00df-\u024f\u1e00-\u1eff",
}
_WORD = re.compile(r"[^\W\d_]+")
_SPACED = {code: " " for code in range(128) if not chr(code).isalpha()}  # in ASCII, a fifth of the time of the pattern

# The most frequent words of languages that share a script.
_WORDS = {
    "latin": {
        "en": "the and of to is in that you for it with are this be on not or as your have can will from do what how",
        "de": "der die das und ist nicht ein eine sie mit für auf den im von zu dem sich auch wie was werden oder bei",
        "fr": "le la les des et est une un pour dans que vous qui pas sur avec du au ce sont ou nous votre plus",
        "es": "el la los las de que en una es por con para no se su del más como o al usted puede sí lo",
        "it": "il di che la è per un una non sono con del della le si dei gli come più anche nel o questo",
        "pt": "o de que não uma para com os do da em é por se as mais dos como ou você pode seu na",
        "nl": "de het een van en is niet dat op te voor met zijn u ook aan kan bij wat hoe naar of worden",
        "pl": "nie się na jest że do to jak czy za dla lub są przez od może co oraz po będzie",
        "sv": "och att det är som en på för inte med av den till kan om ett har eller vi du hur",
        "da": "og at det er som en på for ikke med af den til kan om et har eller du hvad hvordan",
        "no": "og å det er som en på for ikke med av den til kan om et har eller du hva hvordan",
        "fi": "ja on ei että se voi ovat tai myös kun jos mitä miten joka hän ole sekä kuin mutta",
        "cs": "a se je na že v s do pro jak nebo co jsou ale za podle by může jsem není který",
        "sk": "a sa je na že v s do pre ako alebo čo sú ale za podľa by môže som nie ktorý",
        "hu": "a az és hogy nem is egy van meg ha vagy mint csak kell lehet milyen azt ez",
        "ro": "și de la în cu pe nu este un o pentru care din sau se sunt ce mai cum poate",
        "tr": "ve bir bu için ile da de mi mı olarak ne daha gibi çok var değil nasıl veya",
        "id": "yang dan di untuk dengan ini itu dari tidak adalah pada atau apa dapat bisa anda saya akan",
        "vi": "là của và có không cho được các một này với để trong khi những người bạn tôi thể",
        "hr": "je i u na se da su za što kako ili ne od koji s ako može biti",
        "ca": "el la els les de que i en una és per amb no es del més com o al són",
        "lt": "ir yra kad į su ar ne tai kaip iš bei už jei gali",
    },
    "cyrillic": {
        "ru": "и в не на что я с как это по но из за для от или вы при если можно нужно есть",
        "uk": "і в не на що я з як це по але для від або ви при якщо можна потрібно є та чи",
        "bg": "и в не на че се за от да с по са или как ще ако може какво",
        "sr": "и у не на да се за од је су или како шта ако може који",
    },
    "arabic": {
        "ar": "من في على إلى أن هل ما هي هو لا التي الذي عن مع أو كان هذا هذه كيف يمكن",
        "fa": "و در به از که این است را با برای آن یک شما می چه آیا های باید",
        "ur": "کے کی میں ہے اور سے کا کو ہیں نہیں یہ پر کیا آپ ہو کر لیے بھی",
    },
}
_ENGLISH = frozenset(_WORDS["latin"]["en"].split()) - {"is", "in", "of", "on", "for", "do"}


def _languages_by_word(script: str) -> dict[str, list[str]]:
    """The languages that have a word among their most frequent ones, by word."""
    languages = defaultdict(list)
    for language, words in _WORDS[script].items():
        for word in {*words.split()}:
            languages[word].append(language)
    return dict(languages)


_LANGUAGES_BY_WORD = {script: _languages_by_word(script) for script in _WORDS}


@cache
def _letters() -> dict[str, re.Pattern[str]]:
    """The letters of each script; most texts need none."""
    return {name: re.compile(f"[{span}]") for name, span in _SCRIPTS.items()}


def language_of(text: str) -> str | None:
    """The language of a text as in ISO 639-1; None where it is not sure, or where several are mixed.

    >>> language_of("How do I pay? You can pay with a card or in cash, and the receipt is on the table.")
    'en'
    >>> language_of("Wie zahle ich? Sie können mit der Karte zahlen, und die Quittung ist auf dem Tisch.")
    'de'
    >>> language_of("費用はいくらですか。無料です。"), language_of("费用是多少？"), language_of("ABC 12")
    ('ja', 'zh', None)
    """
    probe = text.lower() if len(text) <= 3 * PROBE else _parts(text).lower()
    if probe.isascii():
        words = probe.split()
        english = sum(map(_ENGLISH.__contains__, words))
        if english >= 2 * FEWEST_WORDS and english >= SURELY_ENGLISH * len(words):
            return "en"
        return _by_words(probe, "latin")
    counts = {name: len(letters.findall(probe)) for name, letters in _letters().items()}
    total = sum(counts.values())
    if not total:
        return None
    if counts["kana"] > 0.05 * total and counts["kana"] + counts["han"] > MOST_OF_SCRIPT * total:
        return "ja"
    script = max(counts, key=lambda name: counts[name])
    if script in _WORDS:
        return _by_words(probe, script)
    if script == "han":
        return "zh"
    return script if counts[script] > MOST_OF_SCRIPT * total and script != "kana" else None


def _parts(text: str) -> str:
    """The beginning, the middle and the end of a text."""
    middle = len(text) // 2
    return f"{text[:PROBE]} {text[middle : middle + PROBE]} {text[-PROBE:]}"


def _by_words(probe: str, script: str) -> str | None:
    languages = _LANGUAGES_BY_WORD[script]
    found = dict.fromkeys(_WORDS[script], 0)
    words = probe.translate(_SPACED).split() if probe.isascii() else _WORD.findall(probe)
    for word, times in Counter(filter(languages.__contains__, words)).items():
        for language in languages[word]:
            found[language] += times
    if "¿" in probe:  # no other language opens a question with it
        found["es"] = found.get("es", 0) + 3
    first, second = sorted(found, key=lambda language: -found[language])[:2]
    is_clear = found[first] >= FEWEST_WORDS and found[first] >= CLEAR * found[second]
    return first if is_clear else None
