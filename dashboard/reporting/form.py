"""The form of a report, the same for grid workers and residents; ``static/resident/*.js`` makes it quick.

Without script it still works where the place is known (residents): classes fold out, the form is sent whole.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from dashboard.markup import Child, Html, div, el, span
from data.reporting import ClassTile, MajorTile
from data.reporting.report import MOST_PHOTOS, MOST_WORDS

OFTEN: Final = 4
"""Of the most reported classes so many are one tap away."""


@dataclass(frozen=True, kw_only=True)
class FormMap:
    """What the map shows: the baked divisions, where it begins, and the one grid of a resident's form.

    ``bounds``: west, south, east, north in degrees. ``rings``: boundary of the grid as (lon, lat).
    """

    tiles: str
    bounds: tuple[float, float, float, float] | None
    lon: float | None = None
    lat: float | None = None
    rings: Sequence[Sequence[tuple[float, float]]] = ()
    basemap_layers: Sequence[str] = ()


def report_form(
    *, action: str, draft: str, token: str, classes: Sequence[MajorTile], shown: FormMap, resident: bool
) -> Html:
    """The form itself. ``draft``: where the script asks what would become of it."""
    return el(
        "form",
        el("input", type="hidden", name="token", value=token),
        el("input", type="hidden", name="lon", value="" if shown.lon is None else shown.lon),
        el("input", type="hidden", name="lat", value="" if shown.lat is None else shown.lat),
        _place(resident),
        _classes(classes),
        el("section", div(cls="outlook", role="status"), cls="ahead", hidden=True),
        _photos(),
        _words(resident),
        div(
            el("p", cls="missing", role="status"),
            el("button", "上报", type="submit", cls="big send"),
            cls="bottom",
        ),
        id="report", method="post", enctype="multipart/form-data", action=action, novalidate=True,
        data_needs_place=not resident, data_draft=draft,
        data_map=json.dumps(_map(shown), separators=(",", ":")),
    )  # fmt: skip


def _map(shown: FormMap) -> dict[str, Any]:
    return {
        "tiles": shown.tiles,
        "bounds": shown.bounds,
        "lon": shown.lon,
        "lat": shown.lat,
        "rings": shown.rings,
        "basemap": list(shown.basemap_layers),
    }


def _place(resident: bool) -> Html:
    hint = "图钉在本网格中间，可点地图或拖动图钉移到问题所在处" if resident else "点地图选位置，或用本机位置"
    return el(
        "section",
        el("h2", "位置"),
        div(id="map", role="application", aria_label="选位置的地图"),
        div(
            el("p", hint, cls="where"),
            el("button", "◎ 本机位置", type="button", cls="tile locate", data_locate=True, hidden=True),
            cls="row",
        ),
        el("p", cls="note", role="status", data_locate_said=True, hidden=True),
    )


def _classes(classes: Sequence[MajorTile]) -> Html:
    every = [tile for major in classes for tile in major.minors]
    often = sorted((tile for tile in every if tile.reports), key=lambda tile: -tile.reports)[:OFTEN]
    majors = [
        el(
            "details",
            el("summary", major.name, cls="tile"),
            div([_class(tile) for tile in major.minors], cls="tiles minors"),
            name="major",
        )
        for major in classes
    ]
    quick = div(
        span("近来常报", cls="label"), div([_class(tile) for tile in often], cls="tiles"), cls="often"
    )
    return el(
        "section",
        el("h2", "类别", el("b", cls="chosen"), el("button", "更换", type="button", cls="tile again")),
        quick if often else None,
        div(majors, cls="majors"),
        cls="classes",
    )


def _class(tile: ClassTile) -> Html:
    return el(
        "label",
        el("input", type="radio", name="class", value=tile.code),
        span(tile.name),
        cls="tile choice",
    )


def _photos() -> Html:
    kinds = "image/jpeg,image/png,image/webp,image/*"
    return el(
        "section",
        el("h2", "照片", el("small", f"最多 {MOST_PHOTOS} 张，可不拍")),
        div(
            _file("拍照", accept=kinds, capture="environment"),
            _file("从相册选", accept=kinds, multiple=True),
            cls="row",
        ),
        div(cls="thumbs"),
        el("p", "照片里的位置、时间等拍摄信息会自动去掉。请不要拍到人脸和车牌。", cls="note"),
    )


def _file(name: str, *, accept: str, capture: str | None = None, multiple: bool = False) -> Html:
    chosen = el("input", type="file", name="photo", accept=accept, capture=capture, multiple=multiple)
    return el("label", chosen, span(name), cls="tile file")


def _words(resident: bool) -> Html:
    parts: list[Child] = [
        el("h2", "说明", el("small", "可不填")),
        el(
            "textarea", name="words", rows="2", maxlength=str(MOST_WORDS), aria_label="说明",
            placeholder="如：东门路灯杆旁，井盖缺了一半",
        ),
    ]  # fmt: skip
    if resident:
        parts += [
            el("h2", "联系电话", el("small", "可不留")),
            el(
                "input", type="tel", name="contact", maxlength="20", autocomplete="tel",
                aria_label="联系电话", placeholder="只在需要核实时由工作人员回访",
            ),
            el("p", "不需要姓名。电话与案件分开保存，不公开，不出现在案件里。", cls="note"),
        ]  # fmt: skip
    return el("section", parts)
