"""The review page: plain HTML made here, a form for every change, a script that only presses its buttons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline.audit.agreement import ENOUGH, WANTED, measure
from pipeline.audit.labels import CUTS, KIND_NAMES, SORT_NAMES, STATE_NAMES, STATE_SHOWN, is_name
from pipeline.audit.preview import preview
from pipeline.audit.redirects import export_redirects, keep_and_redirect
from pipeline.audit.review_queue import KINDS, PAGE, SORTS, STATES, Desk, Filter, Row
from pipeline.audit.security import LONGEST_FORM, Guard, Keys
from pipeline.audit.text_diff import compare, in_pieces
from pipeline.duplicates.decisions import DecisionsUnwritable, Entry, decisions_of
from pipeline.storage.schema import records

_HERE = Path(__file__).parent
_REVIEWER = "qaledger_reviewer"
_PLACES = 10  # places of a text shown at once
_LISTED = 200  # rows of a list on the page
_NOTE = 2_000  # characters
_SHOWN = 200  # characters of a question kept in the decisions file, for people who read it

Form = dict[str, list[str]]


class Refusal(Exception):
    """A request that cannot be carried out: its status, and why in a sentence."""

    def __init__(self, status: int, why: str) -> None:
        self.status, self.why = status, why
        super().__init__(why)


def make_app(desk: Desk, keys: Keys) -> Starlette:
    """The page over a desk, for those who hold the key."""
    pages = Pages(desk, keys)
    return Starlette(
        routes=[
            Route("/", pages.show(pages.queue)),
            Route("/start", pages.show(pages.start)),
            Route("/group/{name}", pages.show(pages.group)),
            Route("/pair/{a}/{b}", pages.show(pages.pair)),
            Route("/move/{a}/{b}", pages.show(pages.move)),
            Route("/places/{key}", pages.show(pages.places)),
            Route("/preview", pages.show(pages.preview)),
            Route("/contradictions", pages.show(pages.contradictions)),
            Route("/measures", pages.show(pages.measures)),
            Route("/redirects", pages.show(pages.redirects)),
            Route("/redirects.csv", pages.show(pages.redirects_file)),
            Route("/name", pages.show(pages.name, named=False)),
            Route("/name", pages.take(pages.set_name, named=False), methods=["POST"]),
            Route("/decide", pages.take(pages.decide), methods=["POST"]),
            Route("/decide-group", pages.take(pages.decide_group), methods=["POST"]),
            Route("/undo", pages.take(pages.undo), methods=["POST"]),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ],
        middleware=[Middleware(Guard, keys=keys)],
    )


class Pages:
    """What each address answers."""

    def __init__(self, desk: Desk, keys: Keys) -> None:
        self.desk, self.keys = desk, keys
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {
            "kind_names": KIND_NAMES,
            "state_names": STATE_NAMES,
            "state_shown": STATE_SHOWN,
            "sort_names": SORT_NAMES,
            "cuts": CUTS,
            "in_pieces": in_pieces,
        }

    # ------------------------------------------------------------ the way in

    def show(self, page: Callable[[Request], Response], named: bool = True) -> Callable[[Request], Awaitable[Response]]:
        """An address that shows something and changes nothing."""

        async def answer(request: Request) -> Response:
            if named and not _reviewer(request):
                return RedirectResponse(f"/name?{urlencode({'next': _here(request)})}", 303)
            return await run_in_threadpool(self._carefully, page, request)

        return answer

    def take(
        self, action: Callable[[Request, Form], Response], named: bool = True
    ) -> Callable[[Request], Awaitable[Response]]:
        """An address that changes something: only by a form this page has made."""

        async def answer(request: Request) -> Response:
            body = b""
            async for chunk in request.stream():
                body += chunk
                if len(body) > LONGEST_FORM:
                    return self._refused(request, Refusal(413, "This is more than the page can take at once."))
            form = _form(body)
            if not self.keys.is_own_form(_first(form, "form_token")):
                return self._refused(request, Refusal(403, "This form is not from this page; load the page again."))
            if named and not _reviewer(request):
                return RedirectResponse("/name", 303)
            return await run_in_threadpool(self._carefully, lambda request: action(request, form), request)

        return answer

    def _carefully(self, page: Callable[[Request], Response], request: Request) -> Response:
        try:
            self.desk.look()
            return page(request)
        except Refusal as refusal:
            return self._refused(request, refusal)
        except DecisionsUnwritable as err:
            return self._refused(request, Refusal(507, str(err)))

    def _refused(self, request: Request, refusal: Refusal) -> Response:
        return self._page(request, "refused", refusal.status, why=refusal.why)

    def _page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        standing = self.desk.book.read()
        page = self._templates.get_template(f"{template}.html").render(
            **values,
            reviewer=_reviewer(request),
            nonce=request.state.nonce,
            form_token=self.keys.form_token,
            contradictions=standing.contradictions,
            generation=self.desk.generation,
            done=self._done(request),
            here=_here(request),
        )
        return HTMLResponse(page, status)

    def _done(self, request: Request) -> Row | None:
        """What the reviewer has just done, to be said once."""
        wanted = request.query_params.get("done", "")
        if not wanted:
            return None
        entries = self.desk.book.read().entries
        found = next((entry for entry in reversed(entries) if entry.id == wanted), None)
        if found is None:
            return None
        count = sum(1 for entry in entries if entry.act == found.act) if found.act else 1
        if found.verdict == "undo":
            return {"words": "Taken back", "count": count, "can_undo": False}
        return {"words": STATE_SHOWN[found.verdict], "count": count, "can_undo": True}

    # ------------------------------------------------------------ pages

    def queue(self, request: Request) -> Response:
        wanted = Filter.of(dict(request.query_params))
        groups, total = self.desk.queue(wanted)
        return self._page(
            request,
            "queue",
            wanted=wanted,
            groups=groups,
            total=total,
            page_size=PAGE,
            first=self.desk.first(wanted) if groups else None,
            kinds=KINDS,
            topics=self.desk.topics(),
            states=list(STATES),
            sorts=list(SORTS),
        )

    def start(self, request: Request) -> Response:
        """The first pair as wanted, or the queue when there is none."""
        wanted = Filter.of(dict(request.query_params))
        first = self.desk.first(wanted)
        return RedirectResponse(_pair_url(first, wanted) if first else f"/?{wanted.query()}", 303)

    def pair(self, request: Request) -> Response:
        wanted = Filter.of(dict(request.query_params))
        pair = self._pair(request.path_params["a"], request.path_params["b"])
        texts = self._texts(pair["a_key"], pair["b_key"])
        a, b = texts
        sides = [
            {
                **text,
                "name": name,
                "question_pieces": question,
                "answer_pieces": answer,
                "places": self.desk.places(text["key"], _PLACES),
            }
            for name, text, question, answer in zip(
                "AB",
                texts,
                compare(a["question"] or "", b["question"] or ""),
                compare(a["answer"] or "", b["answer"] or ""),
                strict=True,
            )
        ]
        return self._page(
            request,
            "pair",
            wanted=wanted,
            pair=pair,
            sides=sides,
            place=self.desk.position(wanted, pair["a_key"], pair["b_key"]),
            group=self.desk.group(pair["group"]),
            titles={text["key"]: text for text in self._group_texts(pair["group"])},
            pair_url=_pair_url,
        )

    def group(self, request: Request) -> Response:
        wanted = Filter.of(dict(request.query_params))
        name = request.path_params["name"]
        pairs = self.desk.group(name)
        if not pairs:
            raise Refusal(404, "There is no such group any more; the tables have been made again since.")
        texts = self._group_texts(name)
        verdict, ticked = request.query_params.get("verdict", ""), request.query_params.getlist("key")
        proposed = self._proposed(name, verdict, ticked, request.query_params.get("wording", "")) if verdict else []
        now = self.desk.look()
        reviewer = _reviewer(request)
        keys = [text["key"] for text in texts]
        return self._page(
            request,
            "group",
            wanted=wanted,
            name=name,
            pairs=pairs,
            texts=texts,
            titles={text["key"]: text for text in texts},
            verdict=verdict,
            ticked=ticked or keys,
            wording=request.query_params.get("wording", ""),
            proposed=proposed,
            changes=preview(self.desk, [*now.decisions, *decisions_of(_as_said(proposed, reviewer))], keys)
            if proposed
            else [],
            pair_url=_pair_url,
        )

    def move(self, request: Request) -> Response:
        wanted = Filter.of(dict(request.query_params))
        pair = self._pair(request.path_params["a"], request.path_params["b"])
        texts = self._texts(pair["a_key"], pair["b_key"])
        side = "b" if request.query_params.get("side") == "b" else "a"
        words = request.query_params.get("find", "")[:200].strip()
        moved = pair[f"{side}_key"]
        found = [text for text in self.desk.find_texts(words) if text["key"] not in (pair["a_key"], pair["b_key"])]
        return self._page(
            request,
            "move",
            wanted=wanted,
            pair=pair,
            sides=list(zip("ab", texts, strict=True)),
            side=side,
            moved=moved,
            words=words,
            found=found if words else [],
            pair_url=_pair_url,
        )

    def places(self, request: Request) -> Response:
        found = self.desk.texts([request.path_params["key"]])
        if not found:
            raise Refusal(404, "There is no such text any more; the tables have been made again since.")
        page = Filter.of(dict(request.query_params)).page
        places = self.desk.places(found[0]["key"], PAGE, (page - 1) * PAGE)
        return self._page(request, "places", text=found[0], places=places, page=page, size=PAGE)

    def preview(self, request: Request) -> Response:
        standing = self.desk.look()
        return self._page(request, "preview", changes=preview(self.desk, standing.decisions), standing=standing)

    def contradictions(self, request: Request) -> Response:
        return self._page(request, "contradictions", found=self.desk.look().contradictions)

    def measures(self, request: Request) -> Response:
        return self._page(request, "measures", found=measure(self.desk), wanted_share=WANTED, enough=ENOUGH)

    def redirects(self, request: Request) -> Response:
        rows = records(keep_and_redirect(self.desk.ledger))
        return self._page(request, "redirects", rows=rows[:_LISTED], total=len(rows))

    def redirects_file(self, request: Request) -> Response:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "redirects.csv"
            export_redirects(self.desk.ledger, file)
            text = file.read_bytes()
        name = {"Content-Disposition": 'attachment; filename="redirects.csv"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=name)

    def name(self, request: Request) -> Response:
        return self._page(request, "name", next=_local(request.query_params.get("next", "/")), wrong="")

    # ------------------------------------------------------------ changes

    def set_name(self, request: Request, form: Form) -> Response:
        name, after = " ".join(_first(form, "name").split()), _local(_first(form, "next"))
        if not is_name(name):
            wrong = "A name has 1 to 60 letters or signs, and is not “rule”."
            return self._page(request, "name", 422, next=after, wrong=wrong)
        answer = RedirectResponse(after, 303)
        year = 365 * 24 * 3600
        answer.set_cookie(_REVIEWER, quote(name, safe=""), max_age=year, httponly=True, samesite="strict")
        return answer

    def decide(self, request: Request, form: Form) -> Response:
        wanted = Filter.of(dict(parse_qsl(_first(form, "query"))))
        pair = self._pair(_first(form, "a"), _first(form, "b"))
        entry = self._entry(pair, form, _reviewer(request))
        (written,) = self.desk.book.add([entry])
        self.desk.look()  # what follows from it is no longer open either
        place = self.desk.position(wanted, pair["a_key"], pair["b_key"])
        here = (pair["a_key"], pair["b_key"])
        after = here if entry.verdict == "flag" else place.after or place.before or here
        return RedirectResponse(_pair_url(after, wanted, done=written.id), 303)

    def _entry(self, pair: Row, form: Form, reviewer: str) -> Entry:
        """The decision that a form states."""
        a, b = self._texts(pair["a_key"], pair["b_key"])
        verdict, note = _first(form, "verdict"), _note(_first(form, "note"))
        match verdict:
            case "same" | "different" | "skip":
                return _entry(verdict, a, b, reviewer, note)
            case "flag":
                if not note:
                    raise Refusal(422, "A flag needs a note: say what others should look at.")
                return _entry(verdict, a, b, reviewer, note)
            case "keep_a" | "keep_b":
                kept, other = (a, b) if verdict == "keep_a" else (b, a)
                if kept["is_orphan"] or (other["is_answered"] and not kept["is_answered"]):
                    raise Refusal(422, "Only a question with its answer can stand for a row; keep the other wording.")
                return _entry("keep", kept, other, reviewer, note)
            case "move_a" | "move_b":
                moved = a if verdict == "move_a" else b
                return self._move(moved, {a["key"], b["key"]} - {moved["key"]}, _first(form, "to"), reviewer, note)
        raise Refusal(422, "No such decision.")

    def _move(self, moved: Row, others: set[str], to: str, reviewer: str, note: str) -> Entry:
        target = self.desk.texts([to])
        if not target:
            raise Refusal(422, "Choose the text it belongs to.")
        there = {to, *self.desk.mates(to)}
        if moved["key"] in there:
            raise Refusal(422, "It is in that row already.")
        left = (others | set(self.desk.mates(moved["key"]))) - there - {moved["key"]}
        entry = _entry("move", moved, target[0], reviewer, note)
        return replace(entry, away_from=tuple(sorted(left)))

    def decide_group(self, request: Request, form: Form) -> Response:
        wanted = Filter.of(dict(parse_qsl(_first(form, "query"))))
        name, reviewer = _first(form, "group"), _reviewer(request)
        proposed = self._proposed(name, _first(form, "verdict"), form.get("key", []), _first(form, "wording"))
        written = self.desk.book.add(_as_said(proposed, reviewer))
        return RedirectResponse(f"/group/{name}?{wanted.query()}&{urlencode({'done': written[0].id})}", 303)

    def _proposed(self, name: str, verdict: str, ticked: list[str], wording: str) -> list[Entry]:
        """The decisions on a group that a form asks for, no reviewer's yet."""
        texts = [text for text in self._group_texts(name) if text["key"] in ticked]
        if len(texts) < 2:
            raise Refusal(422, "Tick at least two texts of the group.")
        if verdict == "different":
            return [_entry("different", a, b, "") for place, a in enumerate(texts) for b in texts[:place]]
        if verdict != "same":
            raise Refusal(422, "No such decision.")
        kept = next((text for text in texts if text["key"] == wording), None)
        if kept and (kept["is_orphan"] or not kept["is_answered"]):
            raise Refusal(422, "Only a question with its answer can stand for a row; choose another wording.")
        stands = kept or texts[0]
        return [_entry("keep" if kept else "same", stands, text, "") for text in texts if text is not stands]

    def undo(self, request: Request, form: Form) -> Response:
        wanted = Filter.of(dict(parse_qsl(_first(form, "query"))))
        last = self.desk.book.last_act(_reviewer(request))
        if not last:
            raise Refusal(409, "There is nothing of yours to take back.")
        self.desk.book.undo(_reviewer(request))
        written = self.desk.book.read().entries[-1]
        pair = self._known_pair(last[0])
        after = _pair_url(pair, wanted, done=written.id) if pair else f"/?{wanted.query()}"
        return RedirectResponse(after, 303)

    def _known_pair(self, entry: Entry) -> tuple[str, str] | None:
        """The pair that a decision was made on, as far as it is on the desk; of a move, one that it led away from."""
        others = [entry.b_key, *entry.away_from]
        pairs = [(min(entry.a_key, other), max(entry.a_key, other)) for other in others]
        return next((pair for pair in pairs if self.desk.pair(*pair)), None)

    # ------------------------------------------------------------ asking the desk

    def _pair(self, a: str, b: str) -> Row:
        pair = self.desk.pair(a, b)
        if pair is None:
            raise Refusal(404, "Nothing relates these two any more; the tables have been made again since.")
        return pair

    def _texts(self, a: str, b: str) -> tuple[Row, Row]:
        found = {text["key"]: text for text in self.desk.texts([a, b])}
        return found[a], found[b]

    def _group_texts(self, name: str) -> list[Row]:
        return self.desk.texts([key for pair in self.desk.group(name) for key in (pair["a_key"], pair["b_key"])])


# ---------------------------------------------------------------- words on the wire


def _form(body: bytes) -> Form:
    form: Form = {}
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return form
    for name, value in fields:
        form.setdefault(name, []).append(value)
    return form


def _first(form: Form, name: str) -> str:
    return form.get(name, [""])[0]


def _note(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable()).strip()[:_NOTE]


def _reviewer(request: Request) -> str:
    name = unquote(request.cookies.get(_REVIEWER, ""))
    return name if is_name(name) else ""


def _here(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def _local(address: str) -> str:
    """An address on this page; whatever leads elsewhere leads to its beginning."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"


def _pair_url(pair: tuple[str, str], wanted: Filter, **more: str) -> str:
    query = "&".join(part for part in (wanted.query(), urlencode(more)) if part)
    return f"/pair/{pair[0]}/{pair[1]}" + (f"?{query}" if query else "")


# ---------------------------------------------------------------- entries


def _entry(verdict: str, a: Row, b: Row, reviewer: str, note: str = "") -> Entry:
    return Entry(verdict, reviewer, a["key"], b["key"], _title(a), _title(b), note)


def _title(text: Row) -> str:
    title = text["question"] or text["answer"] or ""
    return title if len(title) <= _SHOWN else title[: _SHOWN - 1] + "…"


def _as_said(entries: list[Entry], reviewer: str) -> list[Entry]:
    return [replace(entry, reviewer=reviewer) for entry in entries]
