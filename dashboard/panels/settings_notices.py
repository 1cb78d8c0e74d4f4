"""通知: the receivers, what each is told of and when, a test that is really sent, the last deliveries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st
from sqlmodel import Session

from dashboard import acting
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.duty_acts import act, area_choices, pick
from dashboard.panels.messages import empty
from dashboard.panels.settings_deliveries import show_deliveries
from dashboard.panels.settings_tabs import show_history, show_right
from dashboard.state import NEW_ROW, Screen
from data.labels import DASH, RISK_COLOR
from data.manage import receivers
from data.manage.changes import Subject, newest
from data.manage.permission import Duty
from data.manage.receivers import ReceiverDraft, Wishes
from data.notices.outbound import PREFIX, Outbound, OutboundError, read_outbound
from data.notices.receivers import ReceiverRow, list_receivers
from data.notices.words import KIND_LABEL, ReceiverKind
from data.vocabulary import RiskColor

TITLES: Final = ("名称", "方式", "地址", "颜色", "区域", "免打扰", "汇总", "状态")
_ABOUT: Final = (
    "没有接收方时，系统不向外发送任何内容。密钥只放在服务器的环境变量里，这里只填它的名称；"
    "地址里可能带密钥，保存后不再完整显示。"
)
_TIMES: Final = "写作 22:00；不填即不用。红色预警不受免打扰和汇总限制。"


def show_notices(screen: Screen) -> None:
    """The receivers and the last deliveries on the left, one receiver or a new one on the right."""
    found = list_receivers(screen.session)
    wanted = screen.view.get("item")
    chosen = next((row for row in found if str(row.id) == wanted), None)
    with st.container(key="om-settings-left"):
        show(_table(screen, found, chosen))
        show_deliveries(screen)
    with st.container(key="om-duty-side"):
        with st.container(key="om-duty-form"):
            if chosen is not None:
                _one(screen, chosen)
            elif wanted == NEW_ROW:
                _new(screen)
            else:
                _about(lost=bool(wanted))
        show_history(screen, Subject.RECEIVER, key=str(chosen.id) if chosen else "")


def _table(screen: Screen, found: list[ReceiverRow], chosen: ReceiverRow | None) -> Html:
    head = el("tr", [el("th", title, cls="om-left") for title in TITLES])
    places = area_choices(screen)
    body = [_row(screen, row, places, on=row is chosen) for row in found]
    table = el("table", el("thead", head), el("tbody", body), cls="om-table om-duty-table")
    nothing = empty("还没有接收方，系统不向外发送任何内容")
    return div(
        div(
            span("通知接收方", cls="om-title"),
            span(
                link(screen.href(extra={"item": NEW_ROW}), "新增接收方", cls="om-button om-small"),
                cls="om-exports",
            ),
            cls="om-panel-head om-wrap",
        ),
        div(div(table, cls="om-x") if found else nothing, cls="om-scroll"),
        cls="om-panel",
    )


def _row(screen: Screen, row: ReceiverRow, places: dict[str, str], *, on: bool) -> Html:
    href = screen.href(extra={"item": str(row.id)})
    quiet = f"{row.quiet[0]:%H:%M}–{row.quiet[1]:%H:%M}" if row.quiet else DASH
    state = span("● 启用", cls="om-done") if row.enabled else span("‖ 停用", cls="om-suspended")
    texts = (
        KIND_LABEL[row.kind], row.shown_address, "、".join(RISK_COLOR[one] for one in row.colors) or "全部",
        "、".join(places.get(code, code) for code in row.areas) or "全区", quiet,
        f"每天 {row.digest_at:%H:%M}" if row.digest_at else "即时",
    )  # fmt: skip
    long, short = "om-left om-breaks om-long", "om-left"
    widths = (short, long, short, short, "om-left om-nowrap", "om-left om-nowrap")
    return el(
        "tr",
        el("td", link(href, row.name), cls="om-left om-breaks om-long"),
        [el("td", text, cls=cls) for text, cls in zip(texts, widths, strict=True)],
        el("td", state, cls="om-left om-nowrap"),
        data_href=href,
        data_receiver=row.id,
        cls="om-selected" if on else "",
    )


def _about(*, lost: bool) -> None:
    show(div(span("接收方", cls="om-title"), cls="om-panel-head om-bare"))
    if lost:
        show(empty("没有这个接收方，可能已被撤销"))
    show(el("p", _ABOUT, cls="om-purpose"))
    show(el("p", f"邮件服务器：{_mail(read_outbound())}", cls="om-note"))
    _warn_of_mail()


def _warn_of_mail() -> None:
    """▲ where the password of the mail server goes through the network as it is."""
    if warning := read_outbound().mail_warning():
        show(el("p", f"▲ {warning}", cls="om-purpose"))


def _mail(outbound: Outbound) -> str:
    try:
        server = outbound.mail_server()
    except OutboundError:
        return "还没有设置或设置有误，由系统管理员在服务器上设置（见使用手册）"
    return f"已设置（{server.host}:{server.port}）"


def _new(screen: Screen) -> None:
    back = link(screen.href(extra={"item": ""}), "‹ 返回", cls="om-back", data_escape=True)
    show(div(back, span("新增接收方", cls="om-title"), cls="om-panel-head om-bare"))
    show_right(screen, Duty.RECEIVERS)
    _warn_of_mail()
    key = "om_receiver_new"
    kinds = {kind.value: KIND_LABEL[kind] for kind in ReceiverKind}
    with st.form(key, border=False):
        first, second = st.columns(2)
        with first:
            name = st.text_input("名称", key=f"{key}_name", max_chars=64, placeholder="例如：街道值班群")
        with second:
            kind = pick("方式", kinds, ReceiverKind.DINGTALK.value, key=f"{key}_kind")
        address = st.text_input(
            "地址", key=f"{key}_address", max_chars=500, autocomplete="off",
            help="群机器人或回调的网络地址，或邮箱地址。保存后不再完整显示。",
        )  # fmt: skip
        secret = st.text_input(
            "密钥名称", key=f"{key}_secret", max_chars=32, placeholder="不签名则不填",
            help=f"密钥本身放在服务器的环境变量 {PREFIX}名称 里，这里只写名称。",
        )  # fmt: skip
        wishes = _wishes(screen, None, key)
        sent = st.form_submit_button("新增", type="primary")
    if sent:
        draft = ReceiverDraft(name=name, kind=kind, address=address, secret_name=secret)
        act(_added(screen, draft, wishes), go_to=screen.params(extra={"item": ""}))


def _added(screen: Screen, draft: ReceiverDraft, wishes: Wishes) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        receivers.add(session, draft, wishes, person=screen.person, at=acting.now())
        return f"已新增接收方“{draft.name.strip()}”。此后响起的预警会通知它；可以点开它发一条测试。"

    return work


def _wishes(screen: Screen, row: ReceiverRow | None, key: str) -> Wishes:
    colors = st.multiselect(
        "只通知这些颜色", [color.value for color in RiskColor], list(row.colors) if row else [],
        format_func=lambda color: RISK_COLOR[color], key=f"{key}_colors", placeholder="全部颜色",
    )  # fmt: skip
    places = {code: name for code, name in area_choices(screen).items() if code}
    kept = list(row.areas) if row else []
    areas = st.multiselect(
        "只通知这些区域", [*places, *(code for code in kept if code not in places)], kept,
        format_func=lambda code: places.get(code, code), key=f"{key}_areas", placeholder="全部区域",
    )  # fmt: skip
    quiet = row.quiet if row else None
    first, second, third = st.columns(3)
    with first:
        start = _time("免打扰从", f"{quiet[0]:%H:%M}" if quiet else "", f"{key}_from")
    with second:
        end = _time("免打扰到", f"{quiet[1]:%H:%M}" if quiet else "", f"{key}_to")
    with third:
        digest = _time("每天汇总", f"{row.digest_at:%H:%M}" if row and row.digest_at else "", f"{key}_digest")
    return Wishes(colors=tuple(colors), areas=tuple(areas), quiet_from=start, quiet_to=end, digest_at=digest)


def _time(title: str, value: str, key: str) -> str:
    return st.text_input(title, value, max_chars=5, key=key, help=_TIMES, placeholder="不用").strip()


def _one(screen: Screen, row: ReceiverRow) -> None:
    seen = newest(screen.session, Subject.RECEIVER, str(row.id))
    key = f"om_receiver_{row.id}_{seen}"
    back = link(screen.href(extra={"item": ""}), "‹ 返回", cls="om-back", data_escape=True)
    show(div(back, span(row.name, cls="om-title"), cls="om-panel-head om-bare"))
    show_right(screen, Duty.RECEIVERS, codes=row.areas or ("",))
    if row.secret_name:
        known = f"{PREFIX}{row.secret_name}" in read_outbound().environ
        said = "已设置" if known else "在服务器上没有设置，不能签名"
        show(el("p", f"密钥 {row.secret_name}：{said}", cls="om-note"))
    if row.kind == ReceiverKind.EMAIL:
        _warn_of_mail()
    with st.container(horizontal=True):
        if st.button("发一条测试", key=f"om_receiver_test_{row.id}", type="primary"):
            act(_tested(screen, row))
        text = "停用" if row.enabled else "启用"
        if st.button(text, key=f"{key}_switch"):
            act(_switched(screen, row, seen))
    with st.form(key, border=False):
        wishes = _wishes(screen, row, key)
        sent = st.form_submit_button("保存通知时间和范围")
    if sent:
        act(_changed(screen, row, wishes, seen))


def _tested(screen: Screen, row: ReceiverRow) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        receivers.test(session, receiver_id=row.id, person=screen.person, at=acting.now())
        return f"给“{row.name}”的测试已排入发送队列，结果见“最近的发送”。"

    return work


def _switched(screen: Screen, row: ReceiverRow, seen: int) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        receivers.switch(
            session, receiver_id=row.id, enabled=not row.enabled, seen=seen, person=screen.person,
            at=acting.now(),
        )  # fmt: skip
        return f"“{row.name}”已{'停用' if row.enabled else '启用'}。"

    return work


def _changed(screen: Screen, row: ReceiverRow, wishes: Wishes, seen: int) -> Callable[[Session], str]:
    def work(session: Session) -> str:
        receivers.change(
            session, wishes, receiver_id=row.id, seen=seen, person=screen.person, at=acting.now()
        )
        return f"“{row.name}”的通知时间和范围已保存。"

    return work
