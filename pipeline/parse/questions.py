"""Recognises questions by their first word and their "?", and compares the words that carry their subject."""

from __future__ import annotations

import re

TITLE_WORDS = 14  # words of a question without "?", at most; annotation guidelines, rule 2.2

_ASKING = frozenset(
    {
        *("how", "what", "why", "when", "where", "who", "which", "whom", "whose"),
        *("is", "are", "am", "was", "were", "do", "does", "did", "has", "have", "had"),
        *("can", "could", "should", "would", "will", "shall", "may", "might", "must"),
        *("isn't", "aren't", "don't", "doesn't", "can't", "won't"),
    }
)
_ASKING_STARTS = frozenset(word[:2] for word in _ASKING)
_TITLES = frozenset({"how", "what", "why", "when", "where", "who", "which"})
_FIRST_WORD = re.compile(r"¿?\s?([^\W\d_]+(?:['’]t)?)")
_ASKED = re.compile(r"\?[\W_]{0,12}$")
_CONTENT = re.compile(r"[^\W_]{4,}")
_COMMON = frozenset(
    {
        "what",
        "when",
        "where",
        "which",
        "does",
        "should",
        "about",
        "with",
        "have",
        "that",
        "this",
        "your",
        "from",
        "they",
    }
)


def asks(text: str) -> bool:
    """Whether a text opens with a word that questions open with.

    >>> asks("Can I drive?"), asks("You can drive.")
    (True, False)
    """
    if text[:1].isalpha() and text[:2].lower() not in _ASKING_STARTS:  # most texts; saves a quarter of the time
        return False
    word = _FIRST_WORD.match(text)
    return word is not None and word[1].lower().replace("’", "'") in _ASKING


# How questions end or what they hold in languages that write them without a mark: Japanese, Korean, Thai, Chinese.
_UNMARKED = re.compile(
    r"(?:[すたるいうくつぬむぐ]|せん|でしょう|だろう|の|ない)か$|(?:까|나요|[가-힣]가요)$|[^\s]{2}[吗嗎]$"
    r"|^(?!.*(?:[，,、；]|不管|无论|無論|不论|不論|看看|知道))[^\s]{0,12}(?:([能会會要是可该該用需算])不\1|有[没沒]有)[^\s]{1,12}$"
    r"|ไหม|มั้ย|หรือ(?:ไม่|เปล่า|ยัง)(?:ครับ|คะ|ค่ะ)?$|อะไร|อย่างไร|ยังไง|เท่า(?:ไร|ไหร่|ใด)|กี่|เมื่อ(?:ไร|ไหร่|ใด)|ที่ไหน|ทำไม|ใคร"
)


def asks_without_mark(text: str) -> bool:
    """Whether a short text asks in a language that needs no mark for it.

    >>> [asks_without_mark(text) for text in ("予約は必要ですか", "예약이 필요한가요", "茶能不能喝", "しずか", "ราคา")]
    [True, True, True, False, False]
    """
    return not text.isascii() and len(text) <= LONG_UNMARKED and _UNMARKED.search(text) is not None


LONG_UNMARKED = 60  # characters, most of which are syllables or words


def asks_as_title(text: str) -> bool:
    """Whether a text without "?" can be a question: it opens with a question word and is short.

    >>> asks_as_title("How to get help"), asks_as_title("Is it rare")
    (True, False)
    """
    word = _FIRST_WORD.match(text)
    return word is not None and word[1].lower() in _TITLES and len(text.split()) <= TITLE_WORDS


def ends_in_question_mark(text: str) -> bool:
    """Whether a text ends in "?"; quotes, brackets, emphasis and the signs of a folded answer may follow.

    >>> [ends_in_question_mark(t) for t in ("Is it rare?", "**Is it rare?**", "Is it rare? [+]", "Is it? Yes")]
    [True, True, True, False]
    """
    return text[-1:] == "?" or ("?" in text[-13:] and _ASKED.search(text, max(0, len(text) - 13)) is not None)


def restates(title: str, question: str) -> bool:
    """Whether two questions share at least half of the words that carry their subject.

    All 175 titles that development pages repeat at the head of an answer do.

    >>> restates("How Do You Ask for A Second Opinion?", "How do I ask my doctor for a second opinion?")
    True
    >>> restates("Is asthma inherited?", "Can I drive?")
    False
    """
    a, b = ({word[:6] for word in _CONTENT.findall(text.lower())} - _COMMON for text in (title, question))
    return bool(a and b) and 2 * len(a & b) >= min(len(a), len(b))
