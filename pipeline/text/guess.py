"""Guesses the encoding of bytes that are not UTF-8, by the frequent characters of the languages it is used for."""

from __future__ import annotations

import re
from collections import Counter
from math import inf, log
from typing import NamedTuple

# The letters beyond ASCII of languages in Latin script, the most frequent first.
_WESTERN = (
    "üäößÄÜÖé",
    "éèàêçôâîûùëïœÉÀ",
    "óíáéñú¿¡üÁ",
    "ãçáéíóêâõàúôÉ",
    "èàùòìéÈ",
    "äåöéÄÅÖ",
    "åøæéÅØ",
    "éëïèöü",
    "íáðþóæéöúý",
    "àóíèéçòúï",
)
_CENTRAL = ("łąęóśżćńźŁŚŻ", "íáéýěřčžšůúďťňóČŘŠŽ", "áíéčýžšľťúňôďäó", "áéőöüíóűúÁÉ", "čšžćđČŠŽ", "ăîâşţÎ")
_TURKISH = ("ışğüçöİâ",)
_SIGNS = "’“”–—…‘„•«»°§€"
# The most frequent characters of languages in other scripts.
_CYRILLIC = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэ"
_KANA = "のにはをたがでてとしれさいるもますかくきこけらりうよんだ。、？ーンスルトリアイラコシクプドン料"
_HANZI = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
    "十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相"
    "什么吗怎样费用需要第次免请问答几可以医院预约？。，、"
)
_HANZI_TRADITIONAL = (
    "的一是在不了有和人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動同工也能下過子說產種面而方後多定行學法所民得經"
    "什麼嗎怎樣費用需要第次免請問答幾可以醫院預約？。，、"
)
_HANGUL = "이다는을에가의하고로를은지도한사리기어자나시인일아들그수정서대부해요까있습니세면과라적주보성여전"


class _Encoding(NamedTuple):
    """An encoding: a pattern of its frequent characters, and the log-likelihood of a frequent and of a rare one."""

    frequent: re.Pattern[str]
    of_frequent: float
    of_rare: float


def _encoding(characters: str, count: int) -> _Encoding:
    """`count`: how many characters the encoding has beyond ASCII. Four of five characters of a text are frequent.

    Letters of other scripts are not frequent beside a Latin one.
    """
    size = len(set(characters))
    pattern = f"(?<![a-zA-Z])[{re.escape(characters)}](?![a-zA-Z])"
    return _Encoding(re.compile(pattern), log(0.8 / size), log(0.2 / (count - size)))


_ENCODINGS = {
    "gb18030": _encoding(_HANZI, 21_000),
    "cp932": _encoding(_KANA, 7_000),
    "euc_jp": _encoding(_KANA, 7_000),
    "big5hkscs": _encoding(_HANZI_TRADITIONAL, 13_000),
    "cp949": _encoding(_HANGUL, 17_000),
    "cp1251": _encoding(_CYRILLIC, 127),
    "koi8-r": _encoding(_CYRILLIC, 128),
    "koi8-u": _encoding(_CYRILLIC + "іїєґ", 128),
    "cp866": _encoding(_CYRILLIC, 128),
    "cp1253": _encoding("αοιετσνηυρπκμλςόήάίέύώγδ", 115),
    "cp1255": _encoding("יוהלאתםברשמנעדחקפצןגכ", 110),
    "cp1256": _encoding("اليمنوترهبةعدفسكقحجأشصطخ،؟إى", 128),
    "cp874": _encoding("านรกอเงมยลวดทสต่้ปบคีิะั", 97),
}


def _language(letters: str) -> dict[str, float]:
    """The log-likelihood of the characters of a language: of its letters by their order, as Zipf's law has it."""
    total = sum(1 / rank for rank in range(1, len(letters) + 1))
    found = {sign: log(0.1 / len(_SIGNS)) for sign in _SIGNS}
    return found | {letter: log(0.85 / rank / total) for rank, letter in enumerate(letters, 1)}


# Encodings of the Latin script, the most usual first, with their languages. cp1252 and cp1250, or cp1250 and Latin-2,
# have letters of other languages for the same bytes, so a text is likely in one language, not in all of them.
_LATIN = {
    name: [_language(letters) for letters in languages]
    for name, languages in (
        ("cp1252", _WESTERN), ("cp1250", _CENTRAL), ("iso8859-2", _CENTRAL), ("cp1254", _TURKISH), ("cp850", _WESTERN)
    )
}  # fmt: skip
_OTHER = log(0.05 / 100)  # any other character of an encoding
_RARER = -2.0  # than cp1252, the most usual: decides for texts of a few letters; -1 to -4 alike on own samples
MULTIBYTE = frozenset({"gb18030", "cp932", "euc_jp", "big5hkscs", "cp949"})  # most bytes are none of their texts
# Quotes and dashes between two letters are none, except the apostrophe: another encoding has a letter there.
_QUOTE_IN_WORD = re.compile(r"(?<=[a-z])[“”‘„–—…•†‡](?=[a-z])|[‡†ŽŒ](?=[a-z])", re.IGNORECASE)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_BROKEN = log(1e-7)
_ASCII = bytes(range(128))
LEAST_BYTES = 3  # beyond ASCII; fewer show no language
LEAST_SHARE = 0.3  # of the characters beyond ASCII are frequent ones, else no language is recognised
PROBE = 2**16  # bytes read for the guess


def guess_encoding(data: bytes) -> str:
    """The encoding in which the first 64 KB are most likely; cp1252 if no language is recognised.

    >>> guess_encoding("需要第二意见吗？".encode("gbk")), guess_encoding("費用はいくらですか？".encode("cp932"))
    ('gb18030', 'cp932')
    >>> guess_encoding("“naïve” – Fachärztin".encode("cp1252")), guess_encoding("Fachärztin für zwölf".encode("cp850"))
    ('cp1252', 'cp850')
    """
    data = data[:PROBE]
    best, most = "cp1252", -inf
    if len(data.translate(None, _ASCII)) < LEAST_BYTES:
        return best
    for name, languages in _LATIN.items():
        likely = _likelihood_of_latin(data.decode(name, "replace"), languages) + (_RARER if name != "cp1252" else 0)
        if likely > most:
            best, most = name, likely
    for name, encoding in _ENCODINGS.items():
        text = data.decode(name, "replace")
        beyond = len(_BEYOND_ASCII.findall(text))
        frequent = len(encoding.frequent.findall(text))
        if not beyond or frequent < LEAST_SHARE * beyond:
            continue
        broken = text.count("\ufffd")
        likely = frequent * encoding.of_frequent + (beyond - frequent - broken) * encoding.of_rare + broken * _BROKEN
        if likely > most:
            best, most = name, likely
    return best


def _likelihood_of_latin(text: str, languages: list[dict[str, float]]) -> float:
    """The log-likelihood of a text in the likeliest of these languages."""
    counts = Counter(_BEYOND_ASCII.findall(text))
    total = counts.total()
    broken = sum(count for letter, count in counts.items() if letter == "\ufffd" or "\x80" <= letter < "\xa0")
    wrong = len(_QUOTE_IN_WORD.findall(text))
    best = max(
        sum(counts[letter] * (likely - _OTHER) for letter, likely in language.items() if letter in counts)
        for language in languages
    )
    return best + (total - broken) * _OTHER + broken * _BROKEN + wrong * (_OTHER - log(0.1 / len(_SIGNS)))
