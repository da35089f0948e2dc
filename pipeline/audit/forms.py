"""Turns the forms of the review page into entries of the decision log."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

from pipeline.audit.review_queue import ReviewQueue, Row
from pipeline.duplicates.decisions import Entry

NOTE_CHARACTERS = 2_000
TITLE_CHARACTERS = 200  # of a question or a sentence in the decisions file, for people who read it

Form = dict[str, list[str]]


class Refusal(Exception):
    """A request that is refused: its HTTP status, and the reason in a sentence."""

    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(reason)


def parse_form(body: bytes) -> Form:
    """The fields of a form; none when the body cannot be parsed."""
    form: Form = {}
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return form
    for name, value in fields:
        form.setdefault(name, []).append(value)
    return form


def first(form: Form, name: str) -> str:
    """The first value of a field, or an empty text."""
    return form.get(name, [""])[0]


def note_of(form: Form) -> str:
    """The reviewer's remark in a form, on one line."""
    return "".join(character for character in first(form, "note") if character.isprintable()).strip()[:NOTE_CHARACTERS]


def pair_entry(queue: ReviewQueue, a: Row, b: Row, form: Form, reviewer: str) -> Entry:
    """The decision of a form on a pair of texts. Raises `Refusal`."""
    verdict = first(form, "verdict")
    note = note_of(form)
    match verdict:
        case "same" | "different" | "skip":
            return _entry(verdict, a, b, reviewer, note)
        case "flag":
            if not note:
                raise Refusal(422, "A flag needs a note: write what others should check.")
            return _entry(verdict, a, b, reviewer, note)
        case "keep_a" | "keep_b":
            chosen, other = (a, b) if verdict == "keep_a" else (b, a)
            if chosen["is_orphan"] or (other["is_answered"] and not chosen["is_answered"]):
                raise Refusal(422, "Only a question with an answer can represent a row; choose the other wording.")
            return _entry("keep", chosen, other, reviewer, note)
        case "move_a" | "move_b":
            moved, other = (a, b) if verdict == "move_a" else (b, a)
            return _move_entry(queue, moved, other, first(form, "to"), reviewer, note)
    raise Refusal(422, "There is no such decision.")


def _move_entry(queue: ReviewQueue, moved: Row, other: Row, to: str, reviewer: str, note: str) -> Entry:
    target = queue.texts([to])
    if not target:
        raise Refusal(422, "Choose the text it belongs to.")
    new_row = {to, *queue.others_in_row(to)}
    if moved["key"] in new_row:
        raise Refusal(422, "It is in that row already.")
    old_row = {other["key"], *queue.others_in_row(moved["key"])} - new_row - {moved["key"]}
    return replace(_entry("move", moved, target[0], reviewer, note), away_from=tuple(sorted(old_row)))


def group_entries(texts: list[Row], selected: list[str], verdict: str, wording: str, reviewer: str) -> list[Entry]:
    """The decisions on the selected texts of a group; `wording` is the key of the text to keep. Raises `Refusal`."""
    texts = [text for text in texts if text["key"] in selected]
    if len(texts) < 2:
        raise Refusal(422, "Select at least two texts of the group.")
    if verdict == "different":
        return [_entry("different", a, b, reviewer) for index, a in enumerate(texts) for b in texts[:index]]
    if verdict != "same":
        raise Refusal(422, "There is no such decision.")
    chosen = next((text for text in texts if text["key"] == wording), None)
    if chosen and (chosen["is_orphan"] or not chosen["is_answered"]):
        raise Refusal(422, "Only a question with an answer can represent a row; choose another wording.")
    one = chosen or texts[0]
    return [_entry("keep" if chosen else "same", one, text, reviewer) for text in texts if text is not one]


def _entry(verdict: str, a: Row, b: Row, reviewer: str, note: str = "") -> Entry:
    return Entry(verdict, reviewer, a["key"], b["key"], title_of(a), title_of(b), note)


def title_of(text: Row) -> str:
    """The question, or the answer of an orphan, as the decisions file has it."""
    return shortened(text["question"] or text["answer"] or "")


def shortened(title: str) -> str:
    """A text of at most `TITLE_CHARACTERS`."""
    return title if len(title) <= TITLE_CHARACTERS else title[: TITLE_CHARACTERS - 1] + "…"
