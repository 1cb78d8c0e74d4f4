"""Parts of an event's card: its log, its pictures, what other sources say, and the alert behind an order."""

from __future__ import annotations

from dashboard.ask import ask
from dashboard.formats import moment_text
from dashboard.markup import Child, Html, div, el, link, span
from dashboard.panels.messages import empty
from dashboard.state import Screen
from data.labels import ACTION, SOURCE, STATUS, label
from data.queries.events import LogRow
from data.queries.links import LinkedCase, linked_cases, merged_cases
from data.queries.loop import Photo, photos
from data.rules.listing import alert_of_order


def section(title: str, *body: Child) -> Html:
    return el("section", el("h3", title), body)


def timeline(screen: Screen, rows: list[LogRow]) -> Html:
    """The log, latest first."""
    items = []
    for row in reversed(rows):
        moved = STATUS.get(row.to_status, row.to_status) if row.to_status else label(ACTION, row.action)
        before = f"{STATUS.get(row.from_status, row.from_status)} → " if row.from_status else ""
        if row.from_status == row.to_status:
            before, moved = "", label(ACTION, row.action)
        items.append(
            el(
                "li",
                span(moment_text(row.at, zone=screen.zone, now=screen.as_of), cls="om-when"),
                span(el("b", f"{before}{moved}"), span(row.actor, cls="om-note"), cls="om-what"),
                span(row.reason, cls="om-why") if row.reason else None,
            )
        )
    return el("ol", items, cls="om-timeline") if items else empty("没有办理记录")


def alert_link(screen: Screen, event_id: int) -> Html | None:
    """From a rectification order back to its alert, where the indicator afterwards stands beside it."""
    found: int | None = ask(screen, alert_of_order, event_id=event_id)
    if found is None:
        return None
    href = screen.href(page="alerts", extra={"ring": str(found)})
    return link(href, f"预警 {found} 的整改指令：看依据和指标后来怎样", cls="om-more om-wrap")


def photo_row(screen: Screen, event_id: int) -> Html | None:
    """The pictures of a case, small, in their order; each opens whole in a tab of its own."""
    found: tuple[Photo, ...] = ask(screen, photos, event_id=event_id)
    if not found:
        return None
    shown = []
    for one in found:
        href = f"./onemap/attachments/{one.sha256}.jpg"
        when = moment_text(one.created_at, zone=screen.zone, now=screen.as_of)
        title = f"{one.actor}，{when}"
        picture = el("img", src=f"{href}?small=1", alt=f"照片，{title}", loading="lazy")
        shown.append(link(href, picture, target="_blank", title=title, data_photo=one.log_seq))
    return section(f"照片（{len(found)} 张）", div(shown, cls="om-photos"))


def linked_row(screen: Screen, event_id: int) -> Html | None:
    """The same thing as other sources reported it, with their numbers."""
    found: tuple[LinkedCase, ...] = ask(screen, linked_cases, event_id=event_id)
    if not found:
        return None
    items = [_other(screen, one, f"疑似同一件，{STATUS[one.status]}") for one in found]
    return section(f"其他渠道也有（{len(found)} 件）", el("ol", items, cls="om-timeline"))


def merged_row(screen: Screen, event_id: int) -> Html | None:
    """What was made one with it: those that went into it, and the one that it goes on as."""
    found: tuple[LinkedCase, ...] = ask(screen, merged_cases, event_id=event_id)
    if not found:
        return None
    items = [
        _other(
            screen,
            one,
            "已并入这件" if one.merged_into == event_id else f"这件已并入它，{STATUS[one.status]}",
        )
        for one in found
    ]
    return section(f"合并办理（{len(found)} 件）", el("ol", items, cls="om-timeline"))


def _other(screen: Screen, one: LinkedCase, said: str) -> Html:
    return el(
        "li",
        span(moment_text(one.reported_at, zone=screen.zone, now=screen.as_of), cls="om-when"),
        link(
            screen.href_select("event", one.event_id),
            f"{label(SOURCE, one.source)} {one.external_no}",
            title=one.title,
        ),
        span(said, cls="om-note"),
        data_linked=one.event_id,
    )
