"""The list of whistles: where they stand, who is missing, the most pressing first."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from dashboard.ask import ask
from dashboard.formats import ago_text, moment_text, number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.explanation import explain_menu
from dashboard.panels.header import breadcrumb
from dashboard.panels.messages import empty
from dashboard.state import NEW_ROW, Screen
from data.durations import time_left_text
from data.filter import Filter
from data.labels import CALLED_STANDING, WHISTLE_KIND, WHISTLE_STANDING
from data.queries.names import department_names
from data.vocabulary import Basis
from data.whistle import AGENDA, ENDED_DAYS, LADDER_OWNER, CalledLine, WhistleLine, WhistlePage, whistle_page
from data.whistle_vocabulary import CalledStanding, LadderColor, WhistleKind, WhistleStanding

PAGE_ROWS: Final = 50
RUNG: Final = {
    LadderColor.RED: ("◆", "om-overdue"),
    LadderColor.YELLOW: ("▲", "om-soon"),
    LadderColor.BLUE: ("●", "om-in_time"),
}
"""Sign and colour of a rung; a whistle that has ended shows ✓."""
KIND_SHORT: Final = {
    WhistleKind.RESIDENTS: "群众诉求",
    WhistleKind.JOINT: "联合执法",
    WhistleKind.EMERGENCY: "应急处置",
}
CALLED_SIGN: Final = {
    CalledStanding.CALLED: ("◆", "om-overdue"),
    CalledStanding.RETURNED: ("↩", "om-overdue"),
    CalledStanding.ARRIVED: ("●", "om-in_time"),
    CalledStanding.DONE: ("✓", "om-done"),
}
OF_THE_WHISTLE: Final = ("act", "unit", "event")
"""Parameters of what is being done: another list or card begins without them."""
FORMULA: Final = (
    "没报到 = 还有部门没有报到（含退回后未再报到）的吹哨；没办结 = 部门都已报到、还有部门没有办结的；"
    f"已办结、已撤回列近 {ENDED_DAYS} 天结束的。联席会议题 = 未办结、退回达到次数的，与前两项重复计。"
    "筛选了部门时，按这些部门自己的情况归类。口径不是“在办”时，只列该时段内吹的哨。"
)


def plain(screen: Screen) -> Screen:
    """The same screen without an act begun."""
    extra = tuple((name, value) for name, value in screen.view.extra if name not in OF_THE_WHISTLE)
    return replace(screen, view=replace(screen.view, extra=extra))


def whistle_href(screen: Screen, key: int | str) -> str:
    """Address of the card of one whistle, or (``''``) of none."""
    return plain(screen).href(page="whistle", extra={"whistle": str(key)})


def standing_href(screen: Screen, standing: str, *, where: Filter | None = None) -> str:
    """Address of one list, beside whatever card is open on this page."""
    return plain(screen).href(page="whistle", where=where, extra={"standing": standing}, page_number=1)


def read_whistles(screen: Screen) -> WhistlePage:
    """The rows that the URL asks for."""
    found: WhistlePage = ask(
        screen, whistle_page, standing=screen.view.get("standing"), limit=PAGE_ROWS,
        offset=(screen.view.page_number - 1) * PAGE_ROWS,
    )  # fmt: skip
    return found


def show_whistles(screen: Screen, found: WhistlePage) -> None:
    """Title and conditions, the lists with their counts, who is missing, the rows."""
    here = plain(screen)
    rows = [_row(here, line) for line in found.rows]
    show(
        div(
            div(
                span("吹哨报到", cls="om-title"),
                explain_menu(screen, key="whistles", title="吹哨", formula=FORMULA, about_events=False),
                breadcrumb(screen),
                _conditions(here),
                link(whistle_href(screen, NEW_ROW), "＋ 吹哨", cls="om-button om-blow"),
                cls="om-panel-head om-wrap",
            ),
            div(_tabs(here, found), cls="om-panel-head om-wrap"),
            _missing(here, found),
            div(rows or empty(_nothing(screen, found)), cls="om-scroll"),
            _foot(here, found),
            cls="om-panel om-whistle-list",
            data_total=found.total,
        )
    )


def _tabs(screen: Screen, found: WhistlePage) -> list[Html]:
    counts, chosen = found.counts, screen.view.get("standing")
    tabs = [("", "未办结", counts.open)]
    tabs += [(one.value, WHISTLE_STANDING[one], counts.standing.get(one, 0)) for one in WhistleStanding]
    tabs.insert(3, (AGENDA, "联席会议题", counts.agenda))
    return [
        link(
            standing_href(screen, key),
            text,
            span(number(count), cls="om-badge"),
            cls="om-tab om-on" if key == chosen else "om-tab",
            aria_pressed="true" if key == chosen else "false",
            data_standing=key or "open",
            data_count=count,
        )
        for key, text, count in tabs
        if count or key != WhistleStanding.WITHDRAWN or key == chosen
    ]


def _missing(screen: Screen, found: WhistlePage) -> Html | None:
    """谁没报到，谁没办结: each department with its number, which leads to exactly those whistles."""
    lines = [
        ("没报到", WhistleStanding.ABSENT, found.counts.absent),
        ("没办结", WhistleStanding.WORKING, found.counts.working),
    ]
    shown = [
        div(
            span(f"谁{text}", cls="om-key"),
            span(
                [
                    link(
                        standing_href(screen, standing, where=screen.where.changed(departments=(code,))),
                        f"{name} ",
                        el("b", number(count)),
                        data_missing=f"{standing}:{code}",
                        data_count=count,
                    )
                    for code, name, count in who
                ]
                or span("没有", cls="om-note"),
            ),
            cls="om-whistle-who",
        )
        for text, standing, who in lines
    ]
    return div(shown, cls="om-whistle-missing") if found.counts.open else None


def _conditions(screen: Screen) -> list[Html]:
    """The conditions of the Filter that whistles know, each with the way to drop it."""
    where = screen.where
    chips = []
    if where.departments:
        names: dict[str, str] = ask(screen, department_names, where=None)
        said = "、".join(names.get(code, code) for code in where.departments)
        chips.append((f"部门：{said}", where.changed(departments=())))
    if where.text:
        chips.append((f"事项含“{where.text}”", where.changed(text="")))
    if where.start and where.end:
        opened = where.changed(basis=Basis.OPEN, start=None, end=None)
        chips.append((f"{where.start} 至 {where.end} 吹的哨", opened))
    shown = [
        link(
            screen.href(where=less),
            text,
            span(" ✕", aria_hidden="true"),
            cls="om-tab om-on",
            title="去掉这个条件",
        )
        for text, less in chips
    ]
    other = where.classes or where.sources or where.statuses or where.polygon or where.marks or where.missing
    if other or where.colors:
        shown.append(span("类别、来源等事件条件不用于吹哨", cls="om-note"))
    return shown


def _row(screen: Screen, line: WhistleLine) -> Html:
    on = screen.view.get("whistle") == str(line.id)
    sign, cls = rung_sign(line)
    return link(
        whistle_href(screen, line.id),
        span(sign, cls=f"om-sign {cls}"),
        span(
            span(line.subject, cls="om-ring-title"),
            span(KIND_SHORT[line.kind], cls="om-tag", title=WHISTLE_KIND[line.kind]),
            span("联席会议题", cls="om-tag om-overdue") if line.on_agenda else None,
        ),
        span(left_text(screen, line), cls=f"om-nowrap {cls}"),
        span(
            f"{line.place_name}　{ago_text(line.blown_at, now=max(screen.as_of, line.blown_at))}吹哨",
            cls="om-note om-second",
        ),
        span([_called(screen, one) for one in line.departments], cls="om-whistle-called"),
        span(f"{line.rung.reason}", cls="om-note om-second") if line.done_at is None else None,
        cls="om-ring om-whistle om-on" if on else "om-ring om-whistle",
        data_whistle=line.id,
        data_stands=line.standing,
        data_rung=line.rung.color,
    )


def _called(screen: Screen, one: CalledLine) -> Html:
    sign, cls = CALLED_SIGN[one.standing]
    if one.standing is CalledStanding.CALLED and one.in_time is None:
        sign, cls = "○", "om-no_limit"
    when = one.done_at or one.arrived_at
    said = CALLED_STANDING[one.standing] + (
        f" {moment_text(when, zone=screen.zone, now=screen.as_of)}" if when else ""
    )
    return span(
        span(sign, cls=f"om-sign {cls}"),
        f"{one.name}{'（牵头）' if one.leads else ''} ",
        span(said, cls=cls if one.standing is not CalledStanding.DONE else "om-note"),
        data_called=one.code,
    )


def rung_sign(line: WhistleLine) -> tuple[str, str]:
    """Sign and class of a whistle's colour."""
    if line.standing is WhistleStanding.DONE:
        return "✓", "om-done"
    if line.standing is WhistleStanding.WITHDRAWN:
        return "‖", "om-suspended"
    return RUNG[line.rung.color]


def left_text(screen: Screen, line: WhistleLine) -> str:
    """What is left of the time to respond, or how it ended."""
    if line.done_at is not None:
        when = moment_text(line.done_at, zone=screen.zone, now=screen.as_of)
        return f"{WHISTLE_STANDING[line.standing]} {when}"
    if line.left is None:
        return "已到齐，办理中"
    return time_left_text(line.left, before="报到剩", after="报到超")


def owner_text(line: WhistleLine) -> str:
    """Who has to act now."""
    return LADDER_OWNER[line.rung.owner]


def _nothing(screen: Screen, found: WhistlePage) -> str:
    standing = screen.view.get("standing")
    if not standing:
        return "没有未办结的哨" if found.counts.total else "这里还没有吹过哨"
    return "没有要上联席会的议题" if standing == AGENDA else f"没有{WHISTLE_STANDING[standing]}的哨"


def _foot(screen: Screen, found: WhistlePage) -> Html:
    page = screen.view.page_number
    last = max(1, -(-found.total // PAGE_ROWS))
    standing = screen.view.get("standing")
    query = {**screen.where.to_params(), "standing": standing} if standing else screen.where.to_params()
    return div(
        span(
            f"共 {number(found.total)} 次" + (f"，第 {page} / {last} 页" if last > 1 else ""), cls="om-note"
        ),
        link(screen.href(page_number=page - 1), "上一页", cls="om-button om-small") if page > 1 else None,
        link(screen.href(page_number=page + 1), "下一页", cls="om-button om-small") if page < last else None,
        link(
            f"./onemap/whistles.csv?{urlencode(query)}",
            "导出联席会议题" if standing == AGENDA else "导出这些哨",
            cls="om-button om-small om-export",
            download=True,
        ),
        cls="om-panel-foot om-whistle-foot",
    )
