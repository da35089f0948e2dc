"""Finds the opening of a line, before its words: heading marks, emphasis, brackets, numbers, labels, symbols.

The shape of an opening is the same for all lines of a series ("Frage 1:" and "Frage 12:" are both "Frage9:"), so that
counting shapes shows which openings mark the questions of a page.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pipeline.parse.questions import asks

_HEADING = r"#{1,6}(?:\s+|(?=[^\W\d]))|>\s+"
_EMPHASIS = r"\*\*|__"
_BRACKETED = (  # [Q]  (3)  [Q1]:  |Q|  *Q*
    r"[\[(<{【]\s?(?:[^\W\d_]{1,12}\s?)?[#№]?\d{0,4}\s?[\])>}】]\s?[:.\-–—]?\s*|([|*~])[^\W\d_]{1,12}\s?\d{0,4}\1\s*"
)
_NUMBER = (  # 1.  2)  #3:  §4  5 Is it ...
    r"[#№§]?\d{1,4}(?:\.\d{1,3}){0,3}\s?[.):|/\-–—۔।]+\s+|[#№§]\s?\d{1,4}\s+|\d{1,3}\s+(?=[^\W\d_a-z])"
    r"|(?:\d{1,3}|[一二三四五六七八九十]{1,3})(?:、|[.)](?=[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]))\s*"  # 1、 二、
)
# Labels of questions and answers in other scripts.
_QUESTION_WORDS = "问题|問題|问|問|質問|질문|문|س|سؤال|السؤال|שאלה|ש|В|Вопрос|Ερώτηση|Ε|प्रश्न"
_ANSWER_WORDS = "回答|答案|答|答え|답변|답|ج|جواب|الجواب|إجابة|الإجابة|תשובה|ת|О|Ответ|Απάντηση|Α|उत्तर"
_LABEL = re.compile(
    r"(?:[^\W\d_]{1,12}(?:\.?\s?(?:[Nn][or]\.?\s?|[#№]\s?)?\d{1,4}\b)?(?:\s?[.:)\]|]+\s+|\s?[-–—]+\s+)"  # Frage Nr. 3:
    rf"|(?:Q|Question|A|Answer|{_QUESTION_WORDS}|{_ANSWER_WORDS})\s?\d{{0,4}}\s?[.:)\]]+\s*"  # Q:What
    r"|(?:Q|Question|QUESTION|FAQ|A|Answer|ANSWER)[.\-–_#]\s?\d{1,4}(?:\s?[.:)\]|\-–—]+\s*|\s+)"  # A.3)
    r"|Q\s+(?=[A-Z])"
    r"|[^\W\d_]{1,12}\s?\d{1,4}\s+(?=[A-Z]))(?=\S)"  # Q3 What
)
_SYMBOL = (  # -  •  »  ❓  ::
    r"[-*+.~|=–—−·:>]{1,3}\s+|[^\w\s\"'“”‘’«¿¡(\[{<$€£#*&%@/\\.,;:!?+=~|–—−·-]{1,3}\s*"
)
# One pattern for all: a call costs more than one more alternative.
_PART = re.compile("|".join((_HEADING, _EMPHASIS, _BRACKETED, _NUMBER, _SYMBOL)))
_AFTER_LABEL = frozenset("#№0123456789-–—:.)]|Nn")  # what can follow the word of a label and a space
_SURE_LABEL = re.compile(r"\d|^(?:[Qq]uestion|[Aa]nswer|FAQ|[A-Z])\b")
_DIGITS = re.compile(r"\d+")
_SPACES = re.compile(r"\s+")
_ENUMERATED = re.compile(r"^(\(?)(?:[IVXLC]{1,6}|[ivxlc]{1,6}|[B-PR-Zb-pr-z]|(?<=\()a)(?=[.)]$)")  # IV.  c)  (a)

_QUESTION_LABEL = re.compile(
    rf"(?:#+|\*\*|__|[-*•])*[\[(]?(?:Q|[Qq]uestion|QUESTION|FAQ|{_QUESTION_WORDS})(?:[.\-–_#]?9)?[.:)\]|\-–—]*$"
)
_ANSWER_LABEL = re.compile(
    r"[\W_]*(?:A|Ans|Answer|Antwort|R|Resp\w*|Rép\w*|Risp\w*|Reply|Odp\w*|Svar|Antwoord|Vastaus|Válasz|Răspuns|Cevap|Yanıt"
    rf"|Jawaban|Odgovor|Atsakymas|Atbilde|Vastus|Відповідь|Отговор|Одговор|{_ANSWER_WORDS})(?:\W|_|9|$)",
    re.IGNORECASE,
)
LABEL_LINE = 24  # characters; a line that is a label and nothing else has fewer
_BARE_QUESTION = re.compile(r"\W{0,4}(?:Q|Question|FAQ)(?:\s?#?\d{1,4})?\W{0,4}$", re.IGNORECASE)
_BARE = re.compile(r"\W{0,4}(?:Q|Question|FAQ(?=\s?#?\d)|A|Ans|Answer)(?:\s?#?\d{1,4})?\W{0,4}$", re.IGNORECASE)
_ITEM = re.compile(r"[-•+–—−·●▪■◦‣]|\*(?![*\w])|\(?9[.)、۔।]")
_BULLET = re.compile(r"[-•–—−·●▪■◦‣*]$")
_PLAIN = re.compile(r"\(?i\)$|(?:#+|=+|\*\*|__|[-*•+–−▸▶►▼·»]|[9一二三四五六七八九十]+(?:\.9)*[.):\-–—、۔।]+)+$")
_YES_OR_NO = re.compile(r"(?:yes|no|ja|nein|sí|oui|non|true|false|maybe|sometimes|usually|often)\b", re.IGNORECASE)


def opening(text: str) -> tuple[int, str]:
    """The length of the opening of a line, and its shape: the opening without white space, every number a 9.

    >>> opening("Frage 3: Was ist Asthma?")
    (9, 'Frage9:')
    >>> opening("### 1. What is asthma?")
    (7, '###9.')
    >>> opening("What is asthma?")
    (0, '')
    """
    if _is_word(text, 0):  # most lines, so this comes first
        return 0, ""
    end = 0
    for _ in range(4):
        part = _label(text, end) if text[end : end + 1].isalpha() else _PART.match(text, end)
        if part is None or part.end() >= len(text):
            break
        end = part.end()
    if not end:
        return 0, ""
    return end, _cached_shape(text[:end]) if end <= SHORT_OPENING else _shape(text[:end])


def _shape(opening: str) -> str:
    shape = _SPACES.sub("", _DIGITS.sub("9", opening))
    return _ENUMERATED.sub(r"\1i", shape) if len(opening) < 8 else shape


SHORT_OPENING = 24  # characters; longer ones are rare, and hostile ones would fill the memory
_cached_shape = lru_cache(maxsize=1024)(_shape)  # a page repeats few openings many times


def _label(text: str, start: int) -> re.Match[str] | None:
    """A word that labels the line ("Frage 3:"); after another part it must be a usual label or have a number."""
    if _is_word(text, start):
        return None
    label = _LABEL.match(text, start)
    if label is None or asks(label[0]):
        return None
    return label if start == 0 or _SURE_LABEL.search(label[0]) else None


def _is_word(text: str, start: int) -> bool:
    """Whether the text itself begins at `start`: a word, a space and a word are no label."""
    space = text.find(" ", start, start + 14)
    return (
        space > 0
        and text[space - 1].isalpha()
        and text[space + 1 : space + 2] not in _AFTER_LABEL
        and text[start] != "Q"
        and text[start].isalpha()
    )


# ---------------------------------------------------------------- what a shape shows


_TITLE_LABEL = re.compile(r"(?:FAQ|Q&A|Questions?|QUESTIONS?|Fragen?)[:|\-–—]$", re.IGNORECASE)


def is_title_label(shape: str, body: str) -> bool:
    """Whether an apparent label opens a title: "FAQ: Renting a bike", "QUESTION | SEARCH"; after it nobody asks.

    >>> is_title_label("FAQ:", "Renting a bike"), is_title_label("FAQ:", "Is it free?")
    (True, False)
    """
    if _TITLE_LABEL.match(shape) is None or "?" in body or asks(body):
        return False
    return shape[-1] != ":" or shape[:3].upper() == "FAQ" or shape[0].upper() == "F"


def is_item(shape: str) -> bool:
    """Whether a line with this opening can be an item of a list: a bullet or a number."""
    return bool(shape) and _ITEM.match(shape) is not None


def is_bullet(shape: str) -> bool:
    return _BULLET.match(shape) is not None


def is_plain(shape: str) -> bool:
    """Whether an opening is no part of a question on any page: bullets, numbers, heading marks, emphasis."""
    return _PLAIN.match(shape) is not None


def names_question(shape: str) -> bool:
    """Whether an opening is a label of questions: "Q:", "Question 3.", "[Q]"."""
    return _QUESTION_LABEL.match(shape) is not None


def names_answer(shape: str) -> bool:
    return _ANSWER_LABEL.match(shape) is not None


def answer_label_length(text: str) -> int:
    """How many characters of a text that begins with a word are the label of an answer; 0 without one.

    A stop alone makes no label, because it may follow an initial.

    >>> [answer_label_length(text) for text in ("R: Yes.", "Answer - No.", "R. Smith knows.", "A nurse.")]
    [3, 9, 0, 0]
    """
    label = _label(text, 0)
    if label is None or label[0].rstrip().endswith(".") or not names_answer(_shape(label[0])):
        return 0
    return label.end()


def says_yes_or_no(shape: str) -> bool:
    """Whether an apparent label is an answer: "Yes. You can ..."."""
    return _YES_OR_NO.match(shape) is not None


def is_bare_label(text: str) -> bool:
    """Whether a line is a marker and nothing else: "Q:", "Question 3", "Answer".

    >>> [is_bare_label(text) for text in ("Question 3", "A:", "A cold")]
    [True, True, False]
    """
    return len(text) < LABEL_LINE and _BARE.match(text) is not None


def is_bare_question_label(text: str) -> bool:
    return len(text) < LABEL_LINE and _BARE_QUESTION.match(text) is not None
