"""What a receipt opens: how far the case is, in plain words; once it is closed, a judgement or an appeal."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from dashboard.formats import moment_text
from dashboard.markup import Html, div, el, link, span
from data.reporting import Followed, shown_receipt
from data.vocabulary import Status

KEEP_IT: Final = "请截图或收藏本页：凭回执号可以查进度、评价和申诉，别人看不到。"
_DONE: Final = frozenset({Status.CLOSED, Status.EVALUATED})


def receipt_card(found: Followed, *, receipt: str, is_new: bool, alone: bool) -> Html:
    """The number, the receipt, and what to do with it."""
    head = div(span("✓", cls="sign", aria_hidden="true"), el("h1", "已收到您的上报"), cls="result good")
    return el(
        "section",
        head if is_new else el("h1", found.title),
        el("p", "您选的同类件已办结或有变化，已作为新的一件上报。", cls="note") if alone else None,
        _line("案件编号", found.number),
        _line("回执号", el("b", shown_receipt(receipt), cls="receipt")),
        el("p", KEEP_IT, cls="note") if is_new else None,
        _line("类别", found.title) if is_new else None,
        _line("地点", found.place),
        _line("承办", found.department or "还没有确定"),
    )


def progress(found: Followed, *, zone: ZoneInfo, now: datetime) -> Html:
    """The steps with their days, the newest first."""
    steps = [
        el(
            "li",
            span(moment_text(step.at, zone=zone, now=now), cls="when"),
            span(step.words, cls="what"),
            cls="newest" if index == 0 else "",
        )
        for index, step in enumerate(reversed(found.steps))
    ]
    together = "与此处的同类件合并办理，下面是那一件的进度。" if found.together else None
    cls = "now good" if found.status in _DONE else "now"
    return el(
        "section",
        el("h2", "进度"),
        el("p", found.words, cls=cls, data_status=found.status),
        el("p", together, cls="note") if together else None,
        el("ol", steps, cls="steps"),
    )


def judgement(found: Followed, *, receipt: str, token: str) -> Html | None:
    """What was judged, or the forms to judge and to appeal; None while there is nothing to judge."""
    if found.solved is not None:
        said = f"{'已解决' if found.solved else '没有解决'}，{'满意' if found.satisfied else '不满意'}"
        return el("section", el("h2", "您的评价"), el("p", said, cls="now"))
    if not found.may_rate:
        return None
    rate = el(
        "form",
        el("input", type="hidden", name="token", value=token),
        _yes_no("solved", "问题解决了吗？", "解决了", "没有解决"),
        _yes_no("satisfied", "办得满意吗？", "满意", "不满意"),
        el("textarea", name="reason", rows="2", maxlength="500", aria_label="原因",
           placeholder="没有解决或不满意时，请写明原因"),
        el("button", "提交评价", type="submit", cls="big"),
        method="post", action=f"/r/case/{receipt}/rate",
    )  # fmt: skip
    return el("section", el("h2", "请您评价"), rate, _appeal(receipt, token) if found.may_appeal else None)


def _appeal(receipt: str, token: str) -> Html:
    return el(
        "details",
        el("summary", "没有办好？申诉，请求重新处理", cls="tile"),
        el(
            "form",
            el("input", type="hidden", name="token", value=token),
            el("p", "申诉只有一次；案件会退回重新处理，办完后再请您评价。", cls="note"),
            el("textarea", name="reason", rows="2", maxlength="500", required=True, aria_label="申诉理由",
               placeholder="哪里没有办好"),
            el("button", "提交申诉", type="submit", cls="big plain"),
            method="post", action=f"/r/case/{receipt}/appeal",
        ),
        cls="appeal",
    )  # fmt: skip


def lookup() -> Html:
    """Where somebody types a receipt."""
    return el(
        "form",
        el("h1", "查进度"),
        el(
            "input", type="text", name="receipt", maxlength="24", autocomplete="off",
            autocapitalize="characters", aria_label="回执号", placeholder="回执号，16 位字母和数字",
        ),
        el("button", "查询", type="submit", cls="big"),
        method="get", action="/r/case",
    )  # fmt: skip


def to_lookup() -> Html:
    return el("p", link("/r/case", "已经报过？凭回执号查进度"), cls="foot")


def _yes_no(name: str, question: str, yes: str, no: str) -> Html:
    choices = [
        el(
            "label",
            el("input", type="radio", name=name, value=value, required=True),
            span(words),
            cls="tile choice",
        )
        for value, words in (("yes", yes), ("no", no))
    ]
    return el("fieldset", el("legend", question), div(choices, cls="row"))


def _line(name: str, value: Html | str) -> Html:
    return div(span(name, cls="label"), value if isinstance(value, Html) else span(value), cls="line")
