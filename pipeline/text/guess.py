"""Guesses the encoding of bytes that are not UTF-8, by the frequent characters of the languages it is used for."""

from __future__ import annotations

import re
from math import log
from typing import NamedTuple

# The most frequent characters beyond ASCII of the languages of an encoding.
_WESTERN = "éèàçùâêîôûëïäöüßñáíóúãõøåæìòÄÖÜÉÀ¿¡«»°§€"
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


def _encoding(characters: str, count: int, is_latin: bool = False) -> _Encoding:
    """`count`: how many characters the encoding has beyond ASCII. Four of five characters of a text are frequent.

    Letters of other scripts are not frequent beside a Latin one.
    """
    size = len(set(characters))
    pattern = f"[{re.escape(characters)}]" if is_latin else f"(?<![a-zA-Z])[{re.escape(characters)}](?![a-zA-Z])"
    return _Encoding(re.compile(pattern), log(0.8 / size), log(0.2 / (count - size)))


_ENCODINGS = {
    "cp1252": _encoding(_WESTERN + "’“”–—…•", 123, is_latin=True),
    "gb18030": _encoding(_HANZI, 21_000),
    "cp932": _encoding(_KANA, 7_000),
    "euc_jp": _encoding(_KANA, 7_000),
    "big5hkscs": _encoding(_HANZI_TRADITIONAL, 13_000),
    "cp949": _encoding(_HANGUL, 17_000),
    "cp1251": _encoding(_CYRILLIC, 127),
    "koi8-r": _encoding(_CYRILLIC, 128),
    "cp866": _encoding(_CYRILLIC, 128),
    "cp1253": _encoding("αοιετσνηυρπκμλςόήάίέύώγδ", 115),
    "cp1255": _encoding("יוהלאתםברשמנעדחקפצןגכ", 110),
    "cp1256": _encoding("اليمنوترهبةعدفسكقحجأشصطخ،؟إى", 128),
    "cp874": _encoding("านรกอเงมยลวดทสต่้ปบคีิะั", 97),
    "cp1250": _encoding("ąćęłńóśźżáčďéěíňřšťúůýžőűöüăâî", 123, is_latin=True),
    "cp1254": _encoding("ğışöçüİâ", 121, is_latin=True),
    "cp850": _encoding(_WESTERN, 128, is_latin=True),
}
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
    best, most = "cp1252", 0.0
    if len(data[:PROBE].translate(None, _ASCII)) < LEAST_BYTES:
        return best
    for name, encoding in _ENCODINGS.items():
        text = data[:PROBE].decode(name, "replace")
        beyond = len(_BEYOND_ASCII.findall(text))
        frequent = len(encoding.frequent.findall(text))
        if name == "cp1252":
            frequent -= len(_QUOTE_IN_WORD.findall(text))
        elif not beyond or frequent < LEAST_SHARE * beyond:
            continue
        broken = text.count("\ufffd")
        likely = frequent * encoding.of_frequent + (beyond - frequent - broken) * encoding.of_rare + broken * _BROKEN
        if name == "cp1252" or likely > most:
            best, most = name, likely
    return best
