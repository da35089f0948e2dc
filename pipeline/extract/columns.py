"""Finds the columns of a table, or the keys of a record, that hold questions, answers, text, address and date."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.extract.record import Flaw

Columns = Sequence[tuple[str, str]]

_NOT_WORD = re.compile(r"[\W_]+")
_ACCENT = re.compile("[\u0300-\u036f]")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PLURAL = re.compile(r"\((?:s|e?n|es)\)", re.IGNORECASE)  # "Answer(s)"


def plain_name(name: str) -> str:
    """The name of a column as names are compared: small letters without accents, "_" between its words."""
    plain = _ACCENT.sub("", unicodedata.normalize("NFD", name)) if not name.isascii() else name
    return _NOT_WORD.sub("_", _CAMEL.sub("_", _PLURAL.sub("", plain.strip())).casefold()).strip("_")


def _ranks(names: str) -> dict[str, int]:
    return {plain_name(name): rank for rank, name in enumerate(names.split())}


# The words for question and answer in the languages with most pages on the web.
_QUESTION = """question questions frage fragen pregunta preguntas domanda domande pergunta perguntas vraag vragen
    pytanie fråga spørgsmål spørsmål kysymys otázka kérdés întrebare soru sorular ερώτηση вопрос питання 问题 問題
    问 問 提问 質問 질문 سؤال السؤال الأسئلة پرسش سوال سوالات שאלה प्रश्न सवाल প্রশ্ন கேள்வி คำถาม pertanyaan soalan câu_hỏi
    pitanje vprašanje въпрос прашање питање klausimas jautājums küsimus spurning pyetje galdera sual сұрақ հարց კითხვა
    swali tanong"""
_ANSWER = """answer answers antwort antworten respuesta respuestas réponse réponses risposta risposte resposta respostas
    antwoord antwoorden odpowiedź svar vastaus odpověď válasz răspuns cevap cevaplar yanıt απάντηση ответ відповідь 回答
    答案 答 解答 答え 답변 대답 الجواب جواب جوابات إجابة الإجابة اجابة پاسخ תשובה उत्तर जवाब উত্তর பதில் คำตอบ jawaban
    jawapan câu_trả_lời trả_lời odgovor отговор одговор odpoveď atsakymas atbilde vastus svör përgjigje erantzuna cavab
    жауап պատասխան პასუხი jibu sagot"""
# Names of columns, the most specific first: those of FAQ and Q&A sets on the Hugging Face hub, of crawlers and of
# exports. In a question's column without an answer's, the last names of `answer` are no more than a page's own text.
_RANKS = {
    "question": _ranks(
        f"{_QUESTION} question_text question_title faq_question query faq prompt instruction user_query title q"
    ),
    "answer": _ranks(
        f"{_ANSWER} answer_text accepted_answer best_answer faq_answer answer_html response reply completion output a"
    ),
    "text": _ranks(
        "text content body html raw_content page_content page_text main_text document page article markdown "
        "body_html html_body content_html html_content description_html body_text body_value post_content post_body "
        "content_encoded"
    ),
    "url": _ranks("url source_url page_url uri link href canonical_url source_uri"),
    "date": _ranks("fetched_at crawled_at scraped_at retrieved_at fetch_date crawl_date fetch_time date timestamp"),
}
_BESIDE_A_QUESTION = _ranks(
    "snippet description content text body explanation details solution excerpt html "
    "body_html html_body content_html html_content description_html body_text body_value post_content post_body"
)
_OTHERWISE_TITLES = {"title", "prompt", "instruction", "faq", "query", "user_query", "q"}
_WORDS = {
    field: frozenset(name for name in map(plain_name, words.split()) if len(name) > 2 or not name.isascii())
    for field, words in (("question", _QUESTION), ("answer", _ANSWER))
}
_WITH_NUMBER = re.compile(r"((?:^|_)(?:q|a|[^\W\d_]{4,}))(\d{1,3})$")  # "q1", "faq_question12"
# Beside the word, these say that a column holds no text: "question_id", "answer count".
_NO_TEXT = frozenset(
    {
        *(
            "id",
            "ids",
            "count",
            "counts",
            "number",
            "num",
            "no",
            "type",
            "types",
            "kind",
            "date",
            "time",
            "url",
            "link",
        ),
        *("uri", "score", "scores", "votes", "author", "user", "by", "status", "lang", "language", "category", "tag"),
        *("categories", "tags", "length", "start", "end", "source", "index", "key", "slug", "is", "has", "accepted"),
    }
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table by field, and the pairs of columns with a question and its answer.

    A table in several languages has several pairs; an answer is None if no column holds it.
    """

    of: dict[str, str]
    pairs: tuple[tuple[str, str | None], ...] = ()

    @property
    def holds_text(self) -> bool:
        return bool(self.pairs) or "text" in self.of

    @property
    def columns(self) -> frozenset[str]:
        """All columns that the layout uses."""
        return frozenset({*self.of.values(), *(name for pair in self.pairs for name in pair if name is not None)})


def distinct(names: Sequence[str]) -> list[str]:
    """The names of columns; one that comes again gets a number, so that no cell takes the place of another.

    >>> distinct(["note", "note", "note (2)"])
    ['note', 'note (2)', 'note (2) (2)']
    """
    seen: Counter[str] = Counter()
    found: dict[str, None] = {}
    for name in names:
        seen[name] += 1
        own = name if seen[name] == 1 else f"{name} ({seen[name]})"
        while own in found:
            own += " (2)"
        found[own] = None
    return list(found)


@cache
def layout_of(names: tuple[str, ...], given: tuple[tuple[str, str], ...]) -> Layout:
    """The column of every field: as `given` if that column exists, else by its name.

    A title without an answer is no question, so a page's title is not taken for one.

    >>> layout_of(("ID", "Question", "Answer Text", "URL"), ())
    Layout(of={'url': 'URL'}, pairs=(('Question', 'Answer Text'),))
    >>> layout_of(("Frage", "text"), (("question", "frage"),))
    Layout(of={}, pairs=(('Frage', 'text'),))
    >>> layout_of(("question_de", "answer_de", "question_en", "answer_en"), ()).pairs
    (('question_de', 'answer_de'), ('question_en', 'answer_en'))
    """
    plain = {plain_name(name): name for name in reversed(names)}
    wanted = {field: plain.get(plain_name(name)) for field, name in given if field in _RANKS}
    of: dict[str, str] = {}
    for field, ranks in _RANKS.items():
        found = wanted.get(field) or _first(ranks, plain, list(of.values()))
        if found is not None:
            of[field] = found
    pairs = _pairs_by_word(plain) if not {"question", "answer"} & {f for f, name in wanted.items() if name} else []
    question, answer = of.pop("question", None), of.pop("answer", None)
    if len(pairs) > 1 or (pairs and (question is None or answer is None)):
        return Layout(_unused(of, pairs), tuple(pairs))
    is_named = bool(wanted.get("question"))
    if question is not None and answer is None and not is_named and plain_name(question) in _OTHERWISE_TITLES:
        question = None
    if question is not None and answer is None:
        answer = _first(_BESIDE_A_QUESTION, plain, [of.get("url", "")])
    if question is None:
        if answer is not None and "text" not in of:
            of["text"] = answer
        return Layout(of)
    return Layout(_unused(of, [(question, answer)]), ((question, answer),))


def _first(ranks: dict[str, int], plain: dict[str, str], used: Collection[str]) -> str | None:
    return next((plain[name] for name in ranks if name in plain and plain[name] not in used), None)


def _unused(of: dict[str, str], pairs: Sequence[tuple[str, str | None]]) -> dict[str, str]:
    used = {name for pair in pairs for name in pair}
    return {field: name for field, name in of.items() if name not in used}


def _pairs_by_word(plain: dict[str, str]) -> list[tuple[str, str | None]]:
    """Columns whose names hold a word for question or answer and are equal otherwise: "question_de", "answer_de".

    Before a number one letter is enough: "q1", "a1".
    """
    found: dict[str, dict[str, str]] = {"question": {}, "answer": {}}
    for plain_name, name in plain.items():
        words = _WITH_NUMBER.sub(r"\1_\2", plain_name).split("_")
        for field, known in _WORDS.items():
            is_numbered = words[-1].isdigit()
            rest = [word for word in words if word not in known and not (is_numbered and word == field[0])]
            if len(rest) < len(words) and not _NO_TEXT.intersection(rest):
                found[field].setdefault(" ".join(rest), name)
    order = list(plain.values())
    pairs: list[tuple[str, str | None]] = [
        (name, found["answer"][rest]) for rest, name in found["question"].items() if rest in found["answer"]
    ]
    return sorted(pairs, key=lambda pair: -order.index(pair[0]))


def is_answerless(names: Sequence[str], layout: Layout) -> bool:
    """Whether a table has questions, no column of answers, and other columns that may hold them."""
    if not layout.pairs or any(answer is not None for _, answer in layout.pairs):
        return False
    rest = [name for name in names if name not in layout.columns]
    return any(not _NO_TEXT.intersection(plain_name(name).split("_")) for name in rest)


def unknown_columns(names: Sequence[str]) -> Flaw:
    """The flaw of a table without a known column."""
    shown = ", ".join(repr(name) for name in names[:8]) or "none"
    detail = (
        f"no column is known to contain questions or text (the columns are: {shown}); name them, for example --columns "
    )
    return Flaw("no_columns", detail + "question=Q,answer=A or --columns text=T")


def no_answer_column(names: Sequence[str]) -> Flaw:
    """The flaw of a table with questions, none of whose columns is known to hold answers."""
    shown = ", ".join(repr(name) for name in names[:8])
    detail = (
        f"no column is known to contain answers (the columns are: {shown}); name it, for example --columns answer=A"
    )
    return Flaw("no_columns", detail)
