"""The top row: product and pages, where we are, the search box, and how old the data is."""

from __future__ import annotations

from typing import Final

from dashboard.ask import ask
from dashboard.formats import clock_text
from dashboard.markup import Html, div, el, join, link, show, span
from dashboard.navigation import MANAGED, TITLES
from dashboard.panels.explanation import menu
from dashboard.state import Screen
from dashboard.theme import current_theme
from data.labels import DEMO_NOTICE, PRODUCT, ROLE
from data.queries.areas import AreaCard, area_card
from data.queries.reference import only_district
from data.queries.search import HitKind

_MAPPED: Final = frozenset({"overview", "events", "stations"})
"""Pages with a map, and a card for whatever is chosen."""
_SHOWN_HITS: Final[dict[str, tuple[HitKind, ...]]] = {
    "community": (HitKind.DIVISION, HitKind.CLASS),  # nothing chosen yet: the picker
    "loop": (HitKind.DIVISION, HitKind.CLASS, HitKind.EVENT),  # the case to be handled
    "dispatch": (HitKind.DIVISION, HitKind.CLASS),
    **dict.fromkeys(("whistle", "performance", "alerts", "calendar", "evaluation"), (HitKind.DIVISION,)),
}
"""Of the other pages: what narrows or opens something there."""


def show_header(screen: Screen) -> None:
    """Everything but the clock, which ``show_clock`` renews by itself."""
    show(
        el(
            "header",
            link(
                screen.href(page="overview"),
                span("◱", cls="om-logo", aria_hidden="true"),
                PRODUCT,
                cls="om-brand",
            ),
            div(
                el(
                    "nav",
                    [_tab(screen, name, title) for name, title in TITLES.items()],
                    cls="om-nav",
                    aria_label="页面",
                ),
                _folded(screen),
                cls="om-pages",
            ),
            _search(screen),
            _person(screen),
            cls="om-head",
        )
    )


def _tab(screen: Screen, name: str, title: str) -> Html:
    here = name == screen.page
    classes = [*(["om-here"] if here else []), *(["om-managed"] if name in MANAGED else [])]
    return link(screen.href(page=name), title, cls=" ".join(classes), aria_current="page" if here else None)


def _folded(screen: Screen) -> Html:
    """管理: the seldom pages, shown in place of their tabs where the row is too narrow (duties.css)."""
    here = screen.page in MANAGED
    rows = [_option(screen, name, on=name == screen.page) for name in MANAGED]
    summary = join([span("管理·", cls="om-group"), TITLES[screen.page]]) if here else "管理"
    cls = "om-chip om-folded om-set" if here else "om-chip om-folded"
    return menu(key="pages", summary=summary, sheet=div(rows, cls="om-options"), cls=cls)


def _option(screen: Screen, name: str, *, on: bool) -> Html:
    return link(screen.href(page=name), TITLES[name], cls="om-option om-on" if on else "om-option")


def shown_hits(screen: Screen) -> tuple[HitKind, ...]:
    """What a search may find and this page can show; any other hit leads to the overview."""
    if screen.page in _MAPPED or (screen.page == "community" and screen.where.focus):
        return tuple(HitKind)
    return _SHOWN_HITS.get(screen.page, ())


def _search(screen: Screen) -> Html:
    return el(
        "form",
        el(
            "input", id="om-search", type="search", placeholder="搜索地名、网格、案件号",
            autocomplete="off", maxlength="50", aria_label="搜索", aria_controls="om-search-hits",
        ),
        div(id="om-search-hits", cls="om-hits", role="listbox"),
        cls="om-search", role="search", data_search=True, data_shows=" ".join(shown_hits(screen)),
    )  # fmt: skip


def _person(screen: Screen) -> Html:
    """办理人: who acts at this screen, and a menu to choose; ``static/loop.js`` fills and follows it."""
    person = screen.person
    post = span(f" · {person.post}", cls="om-person-post") if person else None
    said = [el("b", person.name), post] if person else "尚未选择办理人"
    sheet = [
        el("p", screen.acting.problem, cls="om-person-problem", role="alert")
        if screen.acting.problem
        else None,
        div(
            span(f"{person.name}，{ROLE[person.role]}"),
            el("button", "退出", type="button", cls="om-button om-small", data_person=""),
            cls="om-person-now",
        )
        if person
        else el("p", "办理工单前请选择办理人；查看不需要选择。", cls="om-note"),
        link("./report", "上报一件（手机页面）", data_plain=True, cls="om-option"),
        el(
            "form",
            el(
                "input", id="om-people-text", type="search", placeholder="搜索姓名、岗位、区域",
                autocomplete="off", maxlength="50", aria_label="搜索人员",
            ),
            data_people=True, role="search",
        ),
        div(data_people_list=True, cls="om-people-list"),
    ]  # fmt: skip
    cls = "om-chip om-acting" + (" om-set" if person else "") + (" om-wrong" if screen.acting.problem else "")
    return menu(key="person", summary=join(said), sheet=join(sheet), cls=cls)


def breadcrumb(screen: Screen) -> Html:
    """区 › 街道 › 社区 › 网格; every step but the last leads back up.

    The first step leads to everything: under the code of the one district its 未落格 events would be missing.
    """
    areas = screen.where.areas
    steps: list[Html] = []
    if len(areas) == 1:
        card: AreaCard | None = ask(screen, area_card, where=None, code=areas[0])
        if card is None:
            steps = [link(screen.href_area(""), "全部"), el("b", f"没有代码为 {areas[0]} 的区域")]
        else:
            whole = root_name(screen)
            above = [step for step in card.path[:-1] if step.name != whole]
            links = [link(screen.href_area(step.code), step.name) for step in above]
            top = "全部" if card.name == whole else whole
            steps = [link(screen.href_area(""), top), *links, el("b", card.name)]
    elif areas:
        steps = [link(screen.href_area(""), "全部"), el("b", f"{len(areas)} 个区域")]
    else:
        steps = [el("b", root_name(screen))]
    separator = span("›", cls="om-sep", aria_hidden="true")
    parts = [[separator, step] if index else step for index, step in enumerate(steps)]
    return el("nav", parts, cls="om-crumbs", aria_label="位置")


def root_name(screen: Screen) -> str:
    """Name of the one district, or 全部 where there are several or none."""
    return ask(screen, only_district) or "全部"


def _demo_sign() -> Html:
    """The whole notice where there is room; on a tablet what it is, and the rest stands on the map."""
    what, _, rest = DEMO_NOTICE.partition(" · ")
    return span(what, span(f" · {rest}", cls="om-wide-only"), cls="om-demo", title=DEMO_NOTICE)


def clock(screen: Screen, *, beat: int) -> Html:
    """数据截至, with a sign that turns by itself when answers stop coming (``data-beat``, router.js)."""
    theme = current_theme()
    return div(
        _demo_sign() if screen.is_demo else None,
        span("数据截至 ", el("b", clock_text(screen.as_of, zone=screen.zone)), cls="om-asof"),
        span("● 实时", cls="om-live", data_beat=beat),
        span("◆ 连接中断，正在重连", cls="om-dead", role="status"),
        el(
            "button", "☾" if theme == "light" else "☀", type="button", cls="om-icon", data_theme_switch=theme,
            title="换成深色" if theme == "light" else "换成浅色", aria_label="切换深浅色",
        ),
        el("button", "⤢", type="button", cls="om-icon", data_fullscreen=True, title="全屏"),
        cls="om-clock",
    )  # fmt: skip
