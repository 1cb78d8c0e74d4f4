"""A resident's contact on a case and the telephone of who is responsible, masked; the way to see it whole;
and, for leaders, who has seen which.
"""

from __future__ import annotations

from dashboard.formats import moment_text, number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.frame import panel
from dashboard.panels.messages import empty
from dashboard.state import Screen
from data.labels import DASH, ROLE
from data.lifecycle import read_rules
from data.models import Event
from data.queries.area_card import Person as Responsible
from data.reporting import Reveal, masked_contact, reveals, why_not_phoned, why_not_revealed
from data.reporting.contacts import AUDITORS, LONGEST_REASON, SHORTEST_REASON

_LISTED = 50


def contact_part(screen: Screen, event: Event) -> Html | None:
    """That the resident who reported can be called back, for somebody who acts. The number itself is on no
    page: the form asks the server for it (``static/loop.js``).
    """
    if event.source != "resident" or event.id is None or screen.person is None:
        return None
    masked = masked_contact(screen.session, event_id=event.id)
    if not masked:
        return None
    refused = why_not_revealed(event.model_dump(), screen.person)
    told = el("p", f"居民留有联系电话 {masked}", cls="om-note")
    way = el("p", refused, cls="om-note") if refused else _form(screen, event.id)
    return div(told, way, _seen_by(screen, event.id), cls="om-contact")


def staff_phone(screen: Screen, person: Responsible) -> Html | str:
    """How to reach who is responsible: masked, and for somebody who acts the way to see it whole."""
    if not person.phone:
        return DASH
    if screen.person is None or why_not_phoned(person.area_code, screen.person):
        return person.phone
    note = "谁、何时、看了谁的、为什么都记入不可改的记录，由街道书记查看。"
    asked = _question("staff", person.id, text=person.phone, hint="例如：通知到场处置", note=note)
    return div(asked, cls="om-contact")


def _form(screen: Screen, event_id: int) -> Html:
    most = number(int(read_rules(screen.session).contact_reveals_an_hour))
    note = f"谁、何时、哪一件、为什么都记入不可改的记录，由街道书记查看；每人每小时最多 {most} 次。"
    return _question("event", event_id, text="查看完整号码", hint="例如：回访是否解决", note=note)


def _question(name: str, key: int, *, text: str, hint: str, note: str) -> Html:
    reason = el(
        "input", name="reason", required=True, minlength=str(SHORTEST_REASON), maxlength=str(LONGEST_REASON),
        placeholder=f"为什么需要，{hint}", autocomplete="off", aria_label="查看联系电话的原因",
    )  # fmt: skip
    return el(
        "details",
        el("summary", text),
        el(
            "form",
            el("input", type="hidden", name=name, value=key),
            reason,
            el("button", "查看并记录", type="submit", cls="om-button om-small"),
            data_contact=True,
        ),
        el("p", note, cls="om-note"),
    )


def _seen_by(screen: Screen, event_id: int) -> Html | None:
    if screen.person is None or screen.person.role not in AUDITORS:
        return None
    found = reveals(screen.session, person=screen.person, event_id=event_id)
    if not found:
        return el("p", "没有人查看过完整号码。", cls="om-note")
    lines = [el("li", f"{_when(screen, one)} {one.actor}（{ROLE[one.role]}）：{one.reason}") for one in found]
    return div(
        el("p", f"完整号码被查看过 {len(found)} 次：", cls="om-note"),
        el("ul", lines),
        data_reveals=len(found),
    )


def show_reveals(screen: Screen) -> None:
    """Who has seen which contact and why, for the leader who acts."""
    if screen.person is None or screen.person.role not in AUDITORS:
        named = "、".join(ROLE[role] for role in ROLE if role in AUDITORS)
        body = empty(f"由{named}查看：在右上角选择后列出")
        show(panel("联系电话查看记录", body))
        return
    found = reveals(screen.session, person=screen.person, limit=_LISTED)
    head = el("tr", [el("th", text, cls="om-left") for text in ("时间", "谁", "案件或责任人", "原因")])
    table = el("table", el("thead", head), el("tbody", [_row(screen, one) for one in found]), cls="om-table")
    note = span(f"最近 {_LISTED} 条，只列责任区内的", cls="om-note")
    body = div(table, cls="om-x") if found else empty("没有人查看过")
    show(panel("联系电话查看记录", body, aside=note))


def _row(screen: Screen, one: Reveal) -> Html:
    loop = screen.href(page="loop", sel_kind="event", sel_key=str(one.event_id))
    case = link(loop, one.external_no) if one.event_id else f"责任人 {one.external_no}"
    return el(
        "tr",
        el("td", _when(screen, one), cls="om-left om-nowrap"),
        el("td", f"{one.actor}（{ROLE[one.role]}）", cls="om-left"),
        el("td", case, cls="om-left om-nowrap"),
        el("td", one.reason, cls="om-left"),
        data_reveal=one.seq,
    )


def _when(screen: Screen, one: Reveal) -> str:
    return moment_text(one.at, zone=screen.zone, now=screen.as_of)
