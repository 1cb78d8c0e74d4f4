"""上报: the page of grid workers on a phone. Who acts is chosen as everywhere else (``dashboard.acting``)."""

from __future__ import annotations

from typing import Any, Final

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard import context
from dashboard.acting import COOKIE, acting_of
from dashboard.formats import moment_text
from dashboard.markup import Child, Html, div, el, link, span
from dashboard.reporting.document import MAP_SCRIPTS, MAP_STYLES, document
from dashboard.reporting.form import FormMap, report_form
from dashboard.reporting.guard import (
    REPORT_BYTES,
    Refused,
    check_origin,
    now,
    photos_of,
    position_of,
    read_form,
    secret,
    text_of,
    told,
)
from dashboard.routes.respond import NotFound, json_response
from data.database import read_session, write_session
from data.labels import STATUS, label
from data.lifecycle import KeptFile, Person
from data.models import Event
from data.queries.names import place_names
from data.queries.reference import drawn_divisions
from data.reporting import Draft, ReportForm, check_form, class_tiles, draft, new_form, report
from data.reporting.draft import OUTSIDE
from data.reporting.place import rings_of
from data.vocabulary import Status

_NO_NUMBER: Final = 2**63
"""From here on no database has a number for a row."""


async def _page(request: Request) -> Response:
    return await run_in_threadpool(_show, request.cookies.get(COOKIE, ""))


def _show(token: str) -> Response:
    with read_session(context.engine()) as session:
        acting = acting_of(session, token=token)
        if acting.person is None:
            return _choose(acting.problem)
        return _form(session, acting.person)


def _choose(problem: str) -> Response:
    said = problem or "请先选择办理人：上报记在谁的名下。本机会记住 30 天。"
    search = el(
        "input", type="search", placeholder="搜索姓名、岗位、区域", maxlength="50", aria_label="搜索人员",
        data_people_text=True,
    )  # fmt: skip
    waiting = el("p", "正在取人员名单…", cls="note")
    main = el(
        "main",
        el("section", el("p", said, cls="note"), search, div(waiting, data_people=True, cls="people")),
    )
    return document(_head("上报"), main, title="上报")


def _form(session: Session, person: Person) -> Response:
    at = now()
    drawn = drawn_divisions(session=session, prefixes=(person.division_code,))
    form = report_form(
        action="/report",
        draft="/report/draft",
        token=new_form(secret(), scope=_scope(person), at=at),
        classes=class_tiles(session, as_of=at),
        shown=FormMap(
            tiles=drawn.tiles.removesuffix(".pmtiles"),
            bounds=drawn.bounds,
            rings=rings_of(session, person.division_code),
            basemap_layers=context.basemap().layers,
        ),
        resident=False,
    )
    who = [
        span(person.name),
        el("button", "换人", type="button", cls="tile", data_forget_person=True),
    ]
    return document(
        _head("上报", who), el("main", form), title="上报", scripts=MAP_SCRIPTS, styles=MAP_STYLES
    )


async def _draft(request: Request) -> Response:
    params = request.query_params
    lon, lat = position_of(params.get("lon", ""), params.get("lat", ""))
    return await run_in_threadpool(_ask, lon, lat, params.get("class", "")[:18])


def _ask(lon: float | None, lat: float | None, class_code: str) -> Response:
    with read_session(context.engine()) as session:
        found = draft(session, lon=lon, lat=lat, class_code=class_code, as_of=now())
    return json_response(outlook(found, duplicates=[_duplicate(one) for one in found.duplicates]))


def outlook(found: Draft, *, duplicates: list[dict[str, Any]]) -> dict[str, Any]:
    """A draft as the script shows it."""
    at, zone = now(), context.settings().timezone
    department = found.department or ("由派遣员指定" if found.decision else "")
    return {
        "place": found.place,
        "outside": found.outside,
        "department": department,
        "limit": found.limit,
        "due": moment_text(found.due_at, zone=zone, now=at) if found.due_at else "",
        "notice": found.notice,
        "refused": found.refused,
        "duplicates": duplicates,
    }


def _duplicate(one: Any) -> dict[str, Any]:
    at, zone = now(), context.settings().timezone
    said = (
        f"{one.external_no} {one.title} · {label(STATUS, one.status)} · "
        f"{moment_text(one.reported_at, zone=zone, now=at)} 上报 · 相距 {one.distance_m:.0f} 米"
    )
    return {"id": one.event_id, "words": said}


async def _send(request: Request) -> Response:
    check_origin(request)
    person = await run_in_threadpool(_person, request.cookies.get(COOKIE, ""))
    form = await read_form(request, most_bytes=REPORT_BYTES)
    check_form(secret(), text_of(form, "token"), scope=_scope(person), at=now())
    files = await photos_of(form)
    return await run_in_threadpool(_keep, form, files, person)


def _person(token: str) -> Person:
    with read_session(context.engine()) as session:
        acting = acting_of(session, token=token)
    if acting.person is None:
        raise Refused(403, acting.problem or "还没有选择办理人，没有上报。请返回上报页选择后再报")
    return acting.person


def _keep(form: FormData, files: tuple[KeptFile, ...], person: Person) -> Response:
    filled = filled_form(form, files)
    with write_session(context.engine()) as session:
        done = report(session, form=filled, person=person, secret=secret(), at=now())
        merged = session.get_one(Event, done.event_id).status == Status.MERGED
    alone = "?alone=1" if filled.same_as and not merged else ""
    return RedirectResponse(f"/report/done/{done.event_id}{alone}", status_code=303)


def filled_form(form: FormData, files: tuple[KeptFile, ...], *, grid: str = "") -> ReportForm:
    """What was filled in. Raises BadRequest for a position that is none."""
    lon, lat = position_of(text_of(form, "lon"), text_of(form, "lat"))
    same = text_of(form, "same_as")
    return ReportForm(
        token=text_of(form, "token"),
        class_code=text_of(form, "class")[:18],
        lon=lon,
        lat=lat,
        grid=grid,
        words=text_of(form, "words"),
        contact=text_of(form, "contact") if grid else "",
        files=files,
        same_as=int(same) if same.isascii() and same.isdigit() and len(same) < 18 else None,
    )


async def _done(request: Request) -> Response:
    return await run_in_threadpool(
        _told, int(request.path_params["event_id"]), request.query_params.get("alone") == "1"
    )


def _told(event_id: int, alone: bool) -> Response:
    with read_session(context.engine()) as session:
        event = session.get(Event, event_id) if event_id < _NO_NUMBER else None
        if event is None:
            raise NotFound("没有这件，可能已经移除")
        place = place_names(session, {event.code})[event.code]
    merged = event.status == Status.MERGED
    notes = [
        OUTSIDE if not event.code else None,
        "已与此处正在办理的同类件合并。" if merged else None,
        "没有并案：那一件已办结、有变化，或不在您的责任区。这件已单独上报。" if alone else None,
    ]
    main = el(
        "main",
        div(span("✓", cls="sign", aria_hidden="true"), el("h1", "已上报"), cls="result good"),
        el(
            "section",
            div(span("案件编号", cls="label"), el("b", event.external_no, cls="receipt"), cls="line"),
            div(span("类别", cls="label"), span(event.title), cls="line"),
            div(span("地点", cls="label"), span(place), cls="line"),
            [el("p", note, cls="note") for note in notes if note],
        ),
        el("a", "再报一件", href="/report", cls="big"),
        el("p", link(f"/events?sel=event:{event_id}", "看这件"), cls="foot"),
    )
    return document(_head("上报"), main, title="已上报")


def _scope(person: Person) -> str:
    return f"worker:{person.staff_id}"


def _head(title: str, *right: Child) -> Html:
    home = link("/", "◱", aria_label="一图统览", cls="home")
    return el("header", home, el("b", title), div(*right, cls="who"))


report_page = told(_page)
report_draft = told(_draft)
report_send = told(_send)
report_done = told(_done)
