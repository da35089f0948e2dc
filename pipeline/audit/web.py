"""Serves the review page: HTML from templates, one form for every change; the script only presses buttons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
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

from pipeline.audit.agreement import ENOUGH, TARGET, review_progress
from pipeline.audit.disputed_figures import DisputedFigures, figure_entry
from pipeline.audit.filters import SORTS, STATES, Filter
from pipeline.audit.forms import Form, Refusal, first, group_entries, note_of, pair_entry, parse_form
from pipeline.audit.labels import KIND_NAMES, SORT_NAMES, STATE_NAMES, TRUNCATION_NAMES, VERDICT_NAMES, is_reviewer_name
from pipeline.audit.preview import preview
from pipeline.audit.redirects import export_redirects, redirects_and_removals
from pipeline.audit.review_queue import KINDS, PAGE, ReviewQueue, Row
from pipeline.audit.security import MAX_FORM_BYTES, AccessControl, Credentials
from pipeline.audit.text_diff import Difference, compare, difference, mark_cuts
from pipeline.duplicates.decisions import FIGURE_VERDICTS, DecisionsUnwritable, Entry, decisions_in_force
from pipeline.storage.frames import records

_HERE = Path(__file__).parent
_REVIEWER = "qaledger_reviewer"
_PASSAGES = 10  # passages of a text shown beside a pair
_LISTED = 200  # rows of a list on the page
_PAIRS = 20  # pairs of a group listed beside a pair or a group; a group of 40 texts may have 780
_SELECTED = 10  # texts of a group that are selected at first; few texts of a larger group are the same
_CHAIN = 5  # decisions of a contradiction that are shown before the others are folded
_RECENT = 10  # decisions listed, each of which can be undone

Endpoint = Callable[[Request], Awaitable[Response]]


def make_app(queue: ReviewQueue, credentials: Credentials) -> Starlette:
    """The page for a review queue, for visitors with the credentials."""
    pages = Pages(queue, credentials)
    return Starlette(
        routes=[
            Route("/", pages.show(pages.queue)),
            Route("/start", pages.show(pages.start)),
            Route("/group/{name}", pages.show(pages.group)),
            Route("/pair/{a}/{b}", pages.show(pages.pair)),
            Route("/move/{a}/{b}", pages.show(pages.move)),
            Route("/passages/{key}", pages.show(pages.passages)),
            Route("/preview", pages.show(pages.preview)),
            Route("/contradictions", pages.show(pages.contradictions)),
            Route("/agreement", pages.show(pages.agreement)),
            Route("/redirects", pages.show(pages.redirects)),
            Route("/redirects.csv", pages.show(pages.redirects_file)),
            Route("/name", pages.show(pages.name, needs_name=False)),
            Route("/name", pages.change(pages.set_name, needs_name=False), methods=["POST"]),
            Route("/decide", pages.change(pages.decide), methods=["POST"]),
            Route("/decide-group", pages.change(pages.decide_group), methods=["POST"]),
            Route("/figures", pages.show(pages.figures)),
            Route("/figures/start", pages.show(pages.first_figure)),
            Route("/figure/{figure}/{reading}", pages.show(pages.figure)),
            Route("/decide-figure", pages.change(pages.decide_figure), methods=["POST"]),
            Route("/decisions", pages.show(pages.decisions)),
            Route("/undo", pages.change(pages.undo), methods=["POST"]),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ],
        middleware=[Middleware(AccessControl, credentials=credentials)],
    )


class Pages:
    """The responses of the review page, one method for each address."""

    def __init__(self, queue: ReviewQueue, credentials: Credentials) -> None:
        self.review, self.credentials = queue, credentials
        self.disputed = DisputedFigures(queue)
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
            "verdict_names": VERDICT_NAMES,
            "sort_names": SORT_NAMES,
            "truncation_names": TRUNCATION_NAMES,
            "mark_cuts": mark_cuts,
            "figure_url": _figure_url,
            "figure_verdicts": FIGURE_VERDICTS,
        }

    # ------------------------------------------------------------ requests

    def show(self, page: Callable[[Request], Response], needs_name: bool = True) -> Endpoint:
        """An endpoint that shows a page and changes nothing."""

        async def answer(request: Request) -> Response:
            if needs_name and not _reviewer(request):
                return RedirectResponse(f"/name?{urlencode({'next': _path_and_query(request)})}", 303)
            return await run_in_threadpool(self._respond, page, request)

        return answer

    def change(self, action: Callable[[Request, Form], Response], needs_name: bool = True) -> Endpoint:
        """An endpoint that changes something: only by a form of this page."""

        async def answer(request: Request) -> Response:
            body = b""
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_FORM_BYTES:
                    return self._refused(request, Refusal(413, "The form is larger than the page accepts."))
            form = parse_form(body)
            if not self.credentials.is_own_form(first(form, "form_token")):
                return self._refused(request, Refusal(403, "This form is not from this page; load the page again."))
            if needs_name and not _reviewer(request):
                return RedirectResponse("/name", 303)
            return await run_in_threadpool(self._respond, lambda request: action(request, form), request)

        return answer

    def _respond(self, page: Callable[[Request], Response], request: Request) -> Response:
        try:
            self.review.update()
            return page(request)
        except Refusal as refusal:
            return self._refused(request, refusal)
        except DecisionsUnwritable as err:
            return self._refused(request, Refusal(507, str(err)))

    def _refused(self, request: Request, refusal: Refusal) -> Response:
        return self._page(request, "refused", refusal.status, reason=refusal.reason)

    def _page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        decisions = self.review.log.read()
        page = self._templates.get_template(f"{template}.html").render(
            **values,
            reviewer=_reviewer(request),
            nonce=request.state.nonce,
            form_token=self.credentials.form_token,
            contradictions=decisions.contradictions,
            generation=self.review.generation,
            done=self._done(request),
            address=_path_and_query(request),
        )
        return HTMLResponse(page, status)

    def _done(self, request: Request) -> Row | None:
        """What the reviewer has just done, to be shown once."""
        done_id = request.query_params.get("done", "")
        if not done_id:
            return None
        entries = self.review.log.read().entries
        found = next((entry for entry in reversed(entries) if entry.id == done_id), None)
        if found is None:
            return None
        count = sum(1 for entry in entries if entry.act == found.act) if found.act else 1
        if found.verdict == "undo":
            return {"words": "Undone", "count": count, "can_undo": False}
        return {"words": VERDICT_NAMES[found.verdict], "count": count, "can_undo": True}

    # ------------------------------------------------------------ pages

    def queue(self, request: Request) -> Response:
        shown = Filter.of(dict(request.query_params))
        groups, total = self.review.page(shown)
        return self._page(
            request,
            "queue",
            shown=shown,
            groups=groups,
            total=total,
            progress=self.review.progress(shown),
            page_size=PAGE,
            kinds=KINDS,
            topics=self.review.topics(),
            states=list(STATES),
            sorts=list(SORTS),
        )

    def start(self, request: Request) -> Response:
        """The first pair to show, or the queue when there is none."""
        shown = Filter.of(dict(request.query_params))
        pair = self.review.first(shown)
        return RedirectResponse(_pair_url(pair, shown) if pair else f"/?{shown.query()}", 303)

    def pair(self, request: Request) -> Response:
        shown = Filter.of(dict(request.query_params))
        pair = self._pair(request.path_params["a"], request.path_params["b"])
        group = self.review.neighbours(pair, _PAIRS)
        titles = {text["key"]: text for text in self._texts_of(group)}
        texts = a, b = titles[pair["a_key"]], titles[pair["b_key"]]
        passages = self.review.passages([a["key"], b["key"]], _PASSAGES)
        sides = [
            {
                **text,
                "name": name,
                "question_spans": question,
                "answer_spans": answer,
                "passages": passages[text["key"]],
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
            shown=shown,
            pair=pair,
            sides=sides,
            position=self.review.position(shown, pair),
            newer=_newer(texts),
            group=group,
            sizes=self.review.sizes(pair["group"]),
            titles=titles,
            pair_url=_pair_url,
        )

    def group(self, request: Request) -> Response:
        shown = Filter.of(dict(request.query_params))
        name = request.path_params["name"]
        pairs = self.review.group(name)
        if not pairs:
            raise Refusal(404, "This group no longer exists; the tables were refreshed since.")
        texts = self._texts_of(pairs)
        verdict, wording = (request.query_params.get(name, "") for name in ("verdict", "wording"))
        selected = request.query_params.getlist("key")
        proposed = group_entries(texts, selected, verdict, wording, _reviewer(request)) if verdict else []
        keys = [text["key"] for text in texts]
        siblings = self.review.siblings(name)
        decisions = [*self.review.update().decisions, *decisions_in_force(proposed)]
        return self._page(
            request,
            "group",
            shown=shown,
            name=name,
            pairs=pairs[:_PAIRS],
            pairs_of_group=len(pairs),
            texts=[{**text, "difference": _difference(text, texts[0])} for text in texts],
            titles={text["key"]: text for text in texts},
            siblings=siblings,
            part=siblings.index(name) + 1,
            verdict=verdict,
            selected=selected or (keys if len(keys) <= _SELECTED else []),
            wording=wording,
            proposed=proposed,
            changes=preview(self.review, decisions, keys) if proposed else [],
            pair_url=_pair_url,
        )

    def move(self, request: Request) -> Response:
        shown = Filter.of(dict(request.query_params))
        pair = self._pair(request.path_params["a"], request.path_params["b"])
        texts = self._texts(pair["a_key"], pair["b_key"])
        side = "b" if request.query_params.get("side") == "b" else "a"
        words = request.query_params.get("find", "")[:200].strip()
        moved = pair[f"{side}_key"]
        found = [text for text in self.review.find_texts(words) if text["key"] not in (pair["a_key"], pair["b_key"])]
        return self._page(
            request,
            "move",
            shown=shown,
            pair=pair,
            sides=list(zip("ab", texts, strict=True)),
            side=side,
            moved=moved,
            words=words,
            found=found if words else [],
            pair_url=_pair_url,
        )

    def passages(self, request: Request) -> Response:
        found = self.review.texts([request.path_params["key"]])
        if not found:
            raise Refusal(404, "This text no longer exists; the tables were refreshed since.")
        page = Filter.of(dict(request.query_params)).page
        key = found[0]["key"]
        passages = self.review.passages([key], PAGE, (page - 1) * PAGE)[key]
        return self._page(request, "passages", text=found[0], passages=passages, page=page, size=PAGE)

    def preview(self, request: Request) -> Response:
        changes = preview(self.review, self.review.update().decisions)
        return self._page(request, "preview", changes=changes, figures=self.disputed.newly_decided())

    def contradictions(self, request: Request) -> Response:
        found = self.review.update().contradictions
        return self._page(request, "contradictions", found=found[:_LISTED], total=len(found), chain=_CHAIN)

    def decisions(self, request: Request) -> Response:
        acts = self.review.log.recent_acts(_RECENT)
        pairs = [self._known_pair(act[0]) for act in acts]
        return self._page(
            request, "decisions", acts=list(zip(acts, pairs, strict=True)), shown=Filter(), pair_url=_pair_url
        )

    def figures(self, request: Request) -> Response:
        claims = self.disputed.claims()
        progress = _progress([figure for claim in claims for figure in claim.figures])
        return self._page(request, "figures", claims=claims, progress=progress)

    def first_figure(self, request: Request) -> Response:
        """The first figure that nobody has decided on, or the list when there is none."""
        first_open = next((figure for figure in self.disputed.figures() if not figure["state"]), None)
        return RedirectResponse(_figure_url(first_open) if first_open else "/figures", 303)

    def figure(self, request: Request) -> Response:
        claims = self.disputed.claims()
        figures = [figure for claim in claims for figure in claim.figures]
        figure, position = self._figure(figures, request.path_params["figure"], request.path_params["reading"])
        return self._page(
            request,
            "figure",
            figure=figure,
            claim=next(claim for claim in claims if claim.number == figure["number"]),
            source=self.disputed.source(figure),
            number=position + 1,
            total=len(figures),
            before=figures[position - 1] if position else None,
            after=figures[position + 1] if position + 1 < len(figures) else None,
            progress=_progress(figures),
        )

    def _figure(self, figures: list[Row], figure_key: str, reading_key: str) -> tuple[Row, int]:
        """A figure and its position among all. Raises `Refusal`."""
        keys = [(figure["figure_key"], figure["reading_key"]) for figure in figures]
        if (figure_key, reading_key) not in keys:
            raise Refusal(404, "No sources disagree about this figure now; the tables were refreshed since.")
        position = keys.index((figure_key, reading_key))
        return figures[position], position

    def agreement(self, request: Request) -> Response:
        progress = review_progress(self.review)
        return self._page(request, "agreement", progress=progress, target=TARGET, enough=ENOUGH)

    def redirects(self, request: Request) -> Response:
        rows = records(redirects_and_removals(self.review.ledger))
        return self._page(request, "redirects", rows=rows[:_LISTED], total=len(rows))

    def redirects_file(self, request: Request) -> Response:
        with TemporaryDirectory() as folder:
            file = Path(folder) / "redirects.csv"
            export_redirects(self.review.ledger, file)
            text = file.read_bytes()
        name = {"Content-Disposition": 'attachment; filename="redirects.csv"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=name)

    def name(self, request: Request) -> Response:
        return self._page(request, "name", next=_local(request.query_params.get("next", "/")), wrong="")

    # ------------------------------------------------------------ changes

    def set_name(self, request: Request, form: Form) -> Response:
        name, after = " ".join(first(form, "name").split()), _local(first(form, "next"))
        if not is_reviewer_name(name):
            wrong = "A name has 1 to 60 characters and is not “rule”."
            return self._page(request, "name", 422, next=after, wrong=wrong)
        answer = RedirectResponse(after, 303)
        year = 365 * 24 * 3600
        answer.set_cookie(_REVIEWER, quote(name, safe=""), max_age=year, httponly=True, samesite="strict")
        return answer

    def decide(self, request: Request, form: Form) -> Response:
        shown = Filter.of(dict(parse_qsl(first(form, "query"))))
        pair = self._pair(first(form, "a"), first(form, "b"))
        entry = pair_entry(self.review, *self._texts(pair["a_key"], pair["b_key"]), form, _reviewer(request))
        (written,) = self.review.log.add([entry])
        self.review.update()  # pairs that follow from this decision are no longer open
        position = self.review.position(shown, pair)
        current = (pair["a_key"], pair["b_key"])
        after = current if entry.verdict == "flag" else position.after or position.before or current
        return RedirectResponse(_pair_url(after, shown, done=written.id), 303)

    def decide_group(self, request: Request, form: Form) -> Response:
        shown = Filter.of(dict(parse_qsl(first(form, "query"))))
        name, selected = first(form, "group"), form.get("key", [])
        verdict, wording = first(form, "verdict"), first(form, "wording")
        entries = group_entries(self._group_texts(name), selected, verdict, wording, _reviewer(request))
        written = self.review.log.add(entries)
        return RedirectResponse(f"/group/{name}?{shown.query()}&{urlencode({'done': written[0].id})}", 303)

    def decide_figure(self, request: Request, form: Form) -> Response:
        verdict = first(form, "verdict")
        if verdict not in FIGURE_VERDICTS:
            raise Refusal(422, "There is no such decision.")
        figures = self.disputed.figures()
        figure, position = self._figure(figures, first(form, "figure"), first(form, "reading"))
        (written,) = self.review.log.add([figure_entry(figure, verdict, _reviewer(request), note_of(form))])
        later = [*figures[position + 1 :], *figures[:position]]
        after = next((other for other in later if not other["state"]), figure)
        return RedirectResponse(_figure_url(after, done=written.id), 303)

    def undo(self, request: Request, form: Form) -> Response:
        shown = Filter.of(dict(parse_qsl(first(form, "query"))))
        entry_id = first(form, "entry")
        undone = self.review.log.undo(_reviewer(request), entry_id)
        if not undone:
            reason = "This decision is already undone." if entry_id else "You have no decision to undo."
            raise Refusal(409, reason)
        written = self.review.log.read().entries[-1]
        if entry_id:
            return RedirectResponse(f"/decisions?{urlencode({'done': written.id})}", 303)
        if undone[0].verdict in FIGURE_VERDICTS:
            keys = {"figure_key": undone[0].a_key, "reading_key": undone[0].b_key}
            return RedirectResponse(_figure_url(keys, done=written.id), 303)
        pair = self._known_pair(undone[0])
        after = _pair_url(pair, shown, done=written.id) if pair else f"/?{shown.query()}"
        return RedirectResponse(after, 303)

    def _known_pair(self, entry: Entry) -> tuple[str, str] | None:
        """The pair of a decision if it is in the queue; for a move, a pair with a text of the row that it left."""
        others = [entry.b_key, *entry.away_from]
        pairs = [(min(entry.a_key, other), max(entry.a_key, other)) for other in others]
        return next((pair for pair in pairs if self.review.pair(*pair)), None)

    # ------------------------------------------------------------ rows

    def _pair(self, a: str, b: str) -> Row:
        pair = self.review.pair(a, b)
        if pair is None:
            raise Refusal(404, "These two are no longer related; the tables were refreshed since.")
        return pair

    def _texts(self, a: str, b: str) -> tuple[Row, Row]:
        found = {text["key"]: text for text in self.review.texts([a, b])}
        return found[a], found[b]

    def _group_texts(self, name: str) -> list[Row]:
        return self._texts_of(self.review.group(name))

    def _texts_of(self, pairs: list[Row]) -> list[Row]:
        return self.review.texts([key for pair in pairs for key in (pair["a_key"], pair["b_key"])])


# ---------------------------------------------------------------- addresses


def _reviewer(request: Request) -> str:
    """The reviewer's name from the cookie; empty when there is none."""
    name = unquote(request.cookies.get(_REVIEWER, ""))
    return name if is_reviewer_name(name) else ""


def _progress(figures: list[Row]) -> Row:
    """How many figures are decided and how many are left."""
    left = sum(1 for figure in figures if not figure["state"])
    return {"decided": len(figures) - left, "left": left}


def _difference(text: Row, base: Row) -> Difference | None:
    """How the answer of a text differs from that of another; None where they are not alike, or where one has none."""
    if text is base or not text["answer"] or not base["answer"]:
        return None
    return difference(text["answer"], base["answer"])


def _newer(texts: tuple[Row, Row]) -> str:
    """Which of two texts was fetched later, A or B; empty when that is not known."""
    a, b = (text["fetched_at"] for text in texts)
    return "" if not a or not b or a == b else "A" if a > b else "B"


def _path_and_query(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")


def _local(address: str) -> str:
    """An address of this server; any other becomes the start page."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"


def _pair_url(pair: tuple[str, str], shown: Filter, **more: str) -> str:
    query = "&".join(part for part in (shown.query(), urlencode(more)) if part)
    return f"/pair/{pair[0]}/{pair[1]}" + (f"?{query}" if query else "")


def _figure_url(figure: Row, **more: str) -> str:
    return f"/figure/{figure['figure_key']}/{figure['reading_key']}" + (f"?{urlencode(more)}" if more else "")
