"""The five lists, one tab each, and the process tables: lines, stages, search."""

from __future__ import annotations

from typing import Final

from dashboard.ask import ask
from dashboard.formats import moment_text, number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.duty_acts import import_step
from dashboard.panels.messages import empty
from dashboard.state import NEW_ROW, PROCESSES, Screen
from data.dispatch.negative import forbidden_level_text
from data.labels import DASH, LIST_STATUS, REVIEW_STAGE, SERVICE_MODE, label
from data.lists import (
    STAGES,
    ListCount,
    list_counts,
    list_items,
    service_count,
    service_items,
    titles,
)
from data.models import ListItem, ServiceItem
from data.queries.names import class_names, place_names
from data.vocabulary import ListStatus, ListType, ReviewStage

STATUS_SIGN: Final = {
    ListStatus.REVIEWING: ("▲", "om-soon"),
    ListStatus.IN_FORCE: ("✓", "om-done"),
    ListStatus.REMOVED: ("‖", "om-suspended"),
}
_MODES: Final = "立即办：当场办结；承诺办：在承诺的工作日内办结；报送办：初审后报上级办理。"
ITEM_TITLES: Final = ("编号", "事项", "审议", "状态")
PROCESS_TITLES: Final = ("编号", "服务事项", "具体内容", "承接主体", "服务要求", "相关材料", "办理")


def chosen_list(screen: Screen) -> str:
    """The tab of the URL: one of the five lists, or the process tables. The first without one."""
    return screen.view.get("list") or ListType.STATUTORY.value


def show_lists(screen: Screen) -> None:
    """The tabs, and the rows of the one that is open."""
    tab = chosen_list(screen)
    rows = _services(screen) if tab == PROCESSES else _items(screen, tab)
    step = "service_items" if tab == PROCESSES else "list_items"
    acts = span(
        link(import_step(screen, step), "从文件接入", cls="om-button om-small"),
        link(screen.href(extra={"item": NEW_ROW}), "新增", cls="om-button om-small"),
        cls="om-exports",
    )
    show(
        div(
            div(_tabs(screen, tab), cls="om-panel-head om-wrap"),
            div(_search(screen), _note(screen, tab), acts, cls="om-panel-head om-wrap"),
            div(rows, cls="om-scroll"),
            cls="om-panel om-duty-list",
        )
    )


def _tabs(screen: Screen, tab: str) -> list[Html]:
    names: dict[str, str] = ask(screen, titles, where=None)
    counts: dict[str, ListCount] = ask(screen, list_counts, where=None)
    shown = {kind: (name, counts[kind].total) for kind, name in names.items()}
    shown[PROCESSES] = ("办理流程", ask(screen, service_count, where=None))
    return [
        link(
            screen.href(extra={"list": kind, "item": ""}),
            name,
            span(number(count), cls="om-badge"),
            cls="om-tab om-on" if kind == tab else "om-tab",
            data_list=kind,
            data_count=count,
        )
        for kind, (name, count) in shown.items()
    ]


def _search(screen: Screen) -> Html:
    field = el(
        "input", name="q", type="search", value=screen.where.text, placeholder="搜索本表",
        autocomplete="off", maxlength="50", aria_label="搜索本表",
    )  # fmt: skip
    action = screen.href(where=screen.where.changed(text=""))
    return el("form", field, action=action, cls="om-duty-search", role="search")


def _note(screen: Screen, tab: str) -> Html | None:
    text = screen.where.text
    if text:
        clear = link(screen.href(where=screen.where.changed(text="")), "清除", cls="om-more")
        return span(f"只列含“{text}”的 ", clear, cls="om-note")
    return span(_MODES, cls="om-note om-wide-only") if tab == PROCESSES else None


def _nothing(screen: Screen, what: str) -> Html:
    return empty(f"没有含“{screen.where.text}”的{what}" if screen.where.text else f"还没有{what}")


def _items(screen: Screen, tab: str) -> Html:
    rows: list[ListItem] = ask(screen, list_items, where=None, list_type=tab, text=screen.where.text)
    if not rows:
        return _nothing(screen, "条目")
    head = el("tr", [el("th", title, cls="om-left") for title in ITEM_TITLES])
    details = item_details(screen, rows)
    body = [_item(screen, row, details[row.external_no]) for row in rows]
    return el("table", el("thead", head), el("tbody", body), cls="om-table om-duty-table")


def item_details(screen: Screen, rows: list[ListItem]) -> dict[str, str]:
    """Class, area and, on the negative list, what is forbidden, in words; by number."""
    classes = class_names(screen.session)
    places = place_names(screen.session, {row.area_prefix for row in rows if row.area_prefix})
    found = {}
    for row in rows:
        parts = [
            f"{row.class_prefix} {classes.get(row.class_prefix, '')}".strip() if row.class_prefix else "",
            places.get(row.area_prefix, ""),
            forbidden_level_text(row.level) if row.list_type == ListType.NEGATIVE else "",
            row.basis,
        ]
        found[row.external_no] = "，".join(part for part in parts if part)
    return found


def _item(screen: Screen, row: ListItem, detail: str) -> Html:
    href = screen.href(extra={"item": str(row.id)})
    removed = row.status == ListStatus.REMOVED
    chosen = screen.view.get("item") == str(row.id)
    return el(
        "tr",
        el("td", link(href, row.external_no), cls="om-left om-breaks"),
        el("td", div(row.text, cls="om-item-text"), div(detail, cls="om-note"), cls="om-left om-wide"),
        el("td", stages(row, small=True), div(_stage_text(row), cls="om-note"), cls="om-left"),
        el("td", status_mark(screen, row), cls="om-left"),
        data_href=href,
        data_item=row.id,
        cls=" ".join(name for name, on in (("om-selected", chosen), ("om-removed", removed)) if on),
    )


def _stage_text(row: ListItem) -> str:
    return f"{STAGES.index(ReviewStage(row.review_stage)) + 1}/{len(STAGES)} {REVIEW_STAGE[row.review_stage]}"


def status_mark(screen: Screen, row: ListItem) -> Html:
    """The status with its sign, and since when a line is removed."""
    sign, cls = STATUS_SIGN[ListStatus(row.status)]
    since = moment_text(row.removed_at, zone=screen.zone, now=screen.as_of) if row.removed_at else ""
    mark = div(f"{sign} {LIST_STATUS[row.status]}", cls=f"{cls} om-nowrap")
    waiting = div("▲ 修改待审", cls="om-soon om-nowrap") if row.proposal else None
    return span(mark, waiting, div(since, cls="om-note om-nowrap") if since else None)


def stages(row: ListItem, *, small: bool = False) -> Html:
    """三报三审三回一公示 as a line: what is passed, where it stands, what is still to come."""
    at = STAGES.index(ReviewStage(row.review_stage))
    steps = [
        el(
            "li",
            REVIEW_STAGE[stage],
            cls="om-now" if position == at else "om-passed" if position < at else "",
            aria_current="step" if position == at else None,
        )
        for position, stage in enumerate(STAGES)
    ]
    looks = {
        "om-stages": True,
        "om-stages-small": small,
        "om-finished": row.status == ListStatus.IN_FORCE and not row.proposal,
        "om-stopped": row.status == ListStatus.REMOVED,
    }
    cls = " ".join(name for name, on in looks.items() if on)
    return el("ol", steps, cls=cls, data_stage=row.review_stage)


def _services(screen: Screen) -> Html:
    rows: list[ServiceItem] = ask(screen, service_items, where=None, text=screen.where.text)
    if not rows:
        return _nothing(screen, "事项")
    head = el("tr", [el("th", title, cls="om-left") for title in PROCESS_TITLES])
    body = [_service(screen, row) for row in rows]
    return el("table", el("thead", head), el("tbody", body), cls="om-table om-duty-table om-process")


def _service(screen: Screen, row: ServiceItem) -> Html:
    href = screen.href(extra={"item": str(row.id)})
    chosen = screen.view.get("item") == str(row.id)
    texts = (row.content, row.undertaker, row.requirements, row.materials)
    removed = span("‖ 已取消", cls="om-suspended om-nowrap") if row.removed_at else None
    return el(
        "tr",
        el("td", link(href, row.external_no), cls="om-left om-breaks"),
        el("td", el("b", row.name, cls="om-item-text"), cls="om-left"),
        [el("td", text or DASH, cls="om-left") for text in texts],
        el(
            "td",
            div(label(SERVICE_MODE, row.mode), cls="om-nowrap"),
            div(days_text(row.limit_days), cls="om-note om-nowrap"),
            removed,
            cls="om-left",
        ),
        data_href=href,
        data_item=row.id,
        cls=" ".join(
            name for name, on in (("om-selected", chosen), ("om-removed", bool(row.removed_at))) if on
        ),
    )


def days_text(days: float | None) -> str:
    """``3 个工作日``; nothing without a promise."""
    return "" if days is None else f"{days:g} 个工作日"
