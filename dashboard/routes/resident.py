"""居民扫码: the form behind a grid's QR code, and what a receipt opens. No session, nobody's name."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dashboard import context
from dashboard.formats import ago_text
from dashboard.markup import Html, div, el, span
from dashboard.reporting.document import MAP_SCRIPTS, MAP_STYLES, document
from dashboard.reporting.follow import judgement, lookup, progress, receipt_card, to_lookup
from dashboard.reporting.form import FormMap, report_form
from dashboard.reporting.guard import (
    REPORT_BYTES,
    SMALL_FORM_BYTES,
    Refused,
    address_of,
    check_origin,
    now,
    photos_of,
    position_of,
    read_form,
    secret,
    text_of,
    told,
)
from dashboard.routes.report import filled_form, outlook
from dashboard.routes.respond import json_response
from data.database import DatabaseLocked, DatabaseReadOnly, read_session, write_session
from data.demo import demo_state
from data.labels import RESIDENT_STATUS, label
from data.lifecycle import KeptFile, resident
from data.models import Event
from data.queries.reference import drawn_divisions
from data.reporting import (
    appeal,
    check_form,
    check_look,
    check_rate,
    class_tiles,
    count_look,
    draft,
    follow,
    grid_of,
    grid_place,
    new_form,
    place_of_grid,
    rate,
    report,
)
from data.reporting.tokens import typed_receipt
from data.vocabulary import Status


async def _page(request: Request) -> Response:
    return await run_in_threadpool(_show, request.path_params["token"])


def _show(token: str) -> Response:
    code, at = grid_of(secret(), token), now()
    with read_session(context.engine()) as session:
        place = place_of_grid(session, code)
        drawn = drawn_divisions(session=session, prefixes=(code,))
        classes = class_tiles(session, as_of=at)
        is_demo = demo_state(session).present
    form = report_form(
        action=f"/r/{token}",
        draft=f"/r/{token}/draft",
        token=new_form(secret(), scope=_scope(code), at=at),
        classes=classes,
        shown=FormMap(
            tiles=drawn.tiles.removesuffix(".pmtiles"),
            bounds=drawn.bounds,
            lon=place.lon,
            lat=place.lat,
            rings=place.rings,
            basemap_layers=context.basemap().layers,
        ),
        resident=True,
    )
    demo = el("p", "演示数据：这里的上报不会有人办理。", cls="note demo") if is_demo else None
    return document(
        _head("居民上报", place.name),
        el("main", demo, form, to_lookup()),
        title="居民上报",
        scripts=MAP_SCRIPTS,
        styles=MAP_STYLES,
    )


async def _draft(request: Request) -> Response:
    params = request.query_params
    lon, lat = position_of(params.get("lon", ""), params.get("lat", ""))
    return await run_in_threadpool(_ask, request.path_params["token"], lon, lat, params.get("class", "")[:18])


def _ask(token: str, lon: float | None, lat: float | None, class_code: str) -> Response:
    code = grid_of(secret(), token)
    with read_session(context.engine()) as session:
        if lon is not None and lat is not None:
            grid_place(session, code=code, lon=lon, lat=lat)  # what lies elsewhere is nobody's business here
        found = draft(session, lon=lon, lat=lat, class_code=class_code, as_of=now(), code=code)
    # What others wrote is not shown: only that something of the kind is known here, and how far it is.
    known = [
        {
            "id": one.event_id,
            "words": f"{ago_text(one.reported_at, now=now())}有人报过，相距 {one.distance_m:.0f} 米，"
            f"{label(RESIDENT_STATUS, one.status)}",
        }
        for one in found.duplicates[:1]
    ]
    shown: dict[str, Any] = outlook(found, duplicates=known)
    return json_response({**shown, "refused": ""})


async def _send(request: Request) -> Response:
    check_origin(request)
    code, address = grid_of(secret(), request.path_params["token"]), address_of(request)
    await run_in_threadpool(_may_report, code, address)
    form = await read_form(request, most_bytes=REPORT_BYTES)
    check_form(secret(), text_of(form, "token"), scope=_scope(code), at=now())
    files = await photos_of(form)
    return await run_in_threadpool(_keep, form, files, code, address)


def _may_report(code: str, address: str) -> None:
    """Before the photos are read; the count itself is taken with the case."""
    with read_session(context.engine()) as session:
        place_of_grid(session, code)
        check_rate(session, secret=secret(), grid=code, address=address, at=now())


def _keep(form: FormData, files: tuple[KeptFile, ...], code: str, address: str) -> Response:
    filled = filled_form(form, files, grid=code)
    with write_session(context.engine()) as session:
        done = report(session, form=filled, person=resident(), secret=secret(), at=now(), address=address)
        merged = session.get_one(Event, done.event_id).status == Status.MERGED
    alone = "&alone=1" if filled.same_as and not merged else ""
    return RedirectResponse(f"/r/case/{done.receipt}?new=1{alone}", status_code=303)


async def _look_up(request: Request) -> Response:
    typed = request.query_params.get("receipt", "")
    if not typed:
        return document(_head("查进度"), el("main", el("section", lookup())), title="查进度")
    receipt = typed_receipt(typed)
    if not receipt:
        raise Refused(400, "回执号应为 16 位字母和数字（没有 0、1、I、O），请核对后再查")
    return RedirectResponse(f"/r/case/{receipt}", status_code=303)


async def _case(request: Request) -> Response:
    params = request.query_params
    is_new, alone = params.get("new") == "1", params.get("alone") == "1"
    await run_in_threadpool(_count_look, request.path_params["receipt"], address_of(request))
    return await run_in_threadpool(_follow, request.path_params["receipt"], is_new, alone)


def _count_look(receipt: str, address: str) -> None:
    """Raises ``TooManyLooks``. While nothing can be written (a long import) a look goes on uncounted."""
    asked: dict[str, Any] = {"secret": secret(), "receipt": receipt, "address": address, "at": now()}
    with read_session(context.engine()) as session:
        check_look(session, **asked)
    with (
        suppress(DatabaseLocked, DatabaseReadOnly),
        write_session(context.engine(), announce=False) as session,
    ):
        count_look(session, **asked)


def _follow(receipt: str, is_new: bool, alone: bool) -> Response:
    at, zone = now(), context.settings().timezone
    with read_session(context.engine()) as session:
        found = follow(session, receipt=receipt)
    plain = typed_receipt(receipt)
    token = new_form(secret(), scope=_case_scope(plain), at=at)
    main = el(
        "main",
        receipt_card(found, receipt=plain, is_new=is_new, alone=alone),
        judgement(found, receipt=plain, token=token),
        progress(found, zone=zone, now=at),
    )
    return document(_head("案件进度"), main, title="案件进度")


async def _rate(request: Request) -> Response:
    form, receipt = await _judged(request)
    given = {name: text_of(form, name) for name in ("solved", "satisfied")}
    if not set(given.values()) <= {"yes", "no"}:
        raise Refused(400, "请回答两个问题：问题解决了吗，办得满意吗")
    return await run_in_threadpool(
        _write_rating, receipt, given["solved"] == "yes", given["satisfied"] == "yes", text_of(form, "reason")
    )


def _write_rating(receipt: str, solved: bool, satisfied: bool, reason: str) -> Response:
    with write_session(context.engine()) as session:
        rate(session, receipt=receipt, solved=solved, satisfied=satisfied, reason=reason, at=now())
    return RedirectResponse(f"/r/case/{receipt}", status_code=303)


async def _appeal(request: Request) -> Response:
    form, receipt = await _judged(request)
    return await run_in_threadpool(_write_appeal, receipt, text_of(form, "reason"))


def _write_appeal(receipt: str, reason: str) -> Response:
    with write_session(context.engine()) as session:
        appeal(session, receipt=receipt, reason=reason, at=now())
    return RedirectResponse(f"/r/case/{receipt}", status_code=303)


async def _judged(request: Request) -> tuple[FormData, str]:
    check_origin(request)
    receipt = typed_receipt(request.path_params["receipt"])
    await run_in_threadpool(_count_look, receipt, address_of(request))
    form = await read_form(request, most_bytes=SMALL_FORM_BYTES)
    check_form(secret(), text_of(form, "token"), scope=_case_scope(receipt), at=now())
    return form, receipt


def _scope(code: str) -> str:
    return f"grid:{code}"


def _case_scope(receipt: str) -> str:
    return f"case:{receipt}"


def _head(title: str, place: str = "") -> Html:
    return el("header", el("b", title), div(span(place), cls="who"))


resident_page = told(_page)
resident_draft = told(_draft)
resident_send = told(_send)
resident_lookup = told(_look_up)
resident_case = told(_case)
resident_rate = told(_rate)
resident_appeal = told(_appeal)
