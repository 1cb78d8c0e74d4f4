"""Whistles on other pages: one line on the overview, and one on the card of a case."""

from __future__ import annotations

from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import Html, div, el, link, span
from dashboard.panels.explanation import explain_menu
from dashboard.panels.whistle_list import FORMULA, standing_href, whistle_href
from dashboard.state import NEW_ROW, Screen
from data.labels import WHISTLE_STANDING
from data.whistle import WhistleCounts, whistle_counts, whistles_of_event
from data.whistle_vocabulary import WhistleStanding


def whistle_line(screen: Screen) -> Html | None:
    """没报到 and 没办结 under the areas in force; nothing where no whistle was blown lately."""
    found: WhistleCounts = ask(screen, whistle_counts, where=screen.where.standing)
    if not found.total:
        return None
    parts = [
        link(
            standing_href(screen, standing, where=screen.where.standing),
            f"{WHISTLE_STANDING[standing]} ",
            el("b", number(count), cls="om-overdue" if count and standing == WhistleStanding.ABSENT else ""),
            cls="om-more",
            data_whistles=standing,
            data_count=count,
        )
        for standing in (WhistleStanding.ABSENT, WhistleStanding.WORKING)
        for count in (found.standing.get(standing, 0),)
    ]
    who = "、".join(f"{name} {number(count)}" for _, name, count in found.absent)
    return div(
        span("吹哨", cls="om-key"),
        parts,
        span(f"没报到：{who}", cls="om-note om-cut-text", title=who) if who else None,
        explain_menu(screen, key="whistle-line", title="吹哨", formula=FORMULA, about_events=False),
        cls="om-whistle-line",
    )


def whistles_of_case(screen: Screen, event_id: int) -> Html | None:
    """The whistles that were blown for a case."""
    found: tuple[tuple[int, str, WhistleStanding], ...] = ask(
        screen, whistles_of_event, where=None, event_id=event_id
    )
    if not found:
        return None
    return div(
        [
            div(
                link(whistle_href(screen, number_), subject),
                span(f"（{WHISTLE_STANDING[standing]}）", cls="om-note"),
                data_whistle=number_,
            )
            for number_, subject, standing in found
        ]
    )


def blow_for_case(screen: Screen, event_id: int) -> Html:
    """The way to a whistle for a case."""
    href = screen.href(page="whistle", extra={"whistle": NEW_ROW, "event": str(event_id)})
    return link(href, "吹哨", cls="om-button om-small", data_blow=event_id)
