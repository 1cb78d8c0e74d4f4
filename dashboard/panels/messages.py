"""Designed panels for when there is nothing to show or something is wrong: what, where, the way out."""

from __future__ import annotations

import logging
import secrets

from dashboard.kept_screen import keep_screen
from dashboard.markup import Html, div, el, link, show
from dashboard.state import PATHS
from data.filter import PARAMS, FilterError

LOG = logging.getLogger("onemap")

Action = tuple[str, str]
"""Address and text of one way out."""


def message(
    *, kind: str, title: str, lines: tuple[str, ...] = (), actions: tuple[Action, ...] = (), note: str = ""
) -> Html:
    """A panel of ``kind`` empty, problem or notice."""
    sign = {"empty": "○", "problem": "◆", "notice": "▲"}[kind]
    return div(
        div(sign, cls="om-message-sign", aria_hidden="true"),
        div(
            el("h2", title),
            [el("p", line) for line in lines],
            div([link(href, text, cls="om-button") for href, text in actions], cls="om-actions")
            if actions
            else None,
            el("p", note, cls="om-note") if note else None,
        ),
        cls=f"om-message om-{kind}",
        role="alert" if kind == "problem" else "status",
    )


def empty(text: str, *, actions: tuple[Action, ...] = ()) -> Html:
    """The quiet line of a panel that has nothing to show."""
    return div(
        span_text(text),
        [link(href, label, cls="om-more") for href, label in actions],
        cls="om-empty",
    )


def span_text(text: str) -> Html:
    return el("span", text)


def show_filter_problems(error: FilterError, *, params: dict[str, str], path: str) -> None:
    """Each parameter that makes no sense, with a way to drop it. Nothing else is computed meanwhile."""
    from urllib.parse import urlencode

    def without(name: str) -> str:
        rest = {key: value for key, value in params.items() if key != name}
        if name == "basis":
            rest = {key: value for key, value in rest.items() if key not in {"from", "to"}}
        return f"{path}?{urlencode(rest)}" if rest else path

    rows = []
    for problem in error.problems:
        name = problem.removeprefix("网址参数 ").split("=", 1)[0]
        rows.append(
            el("li", el("span", problem), link(without(name), "去掉这一项", cls="om-button om-small"))
        )
    keep = {key: value for key, value in params.items() if key not in PARAMS} if len(rows) == 0 else {}
    show(
        div(
            div("◆", cls="om-message-sign", aria_hidden="true"),
            div(
                el("h2", "网址里的筛选条件有误"),
                el("p", "为避免给出错误的数字，改正之前不计算任何内容。"),
                el("ul", rows, cls="om-problems"),
                div(
                    link(path + (f"?{urlencode(keep)}" if keep else ""), "清除筛选", cls="om-button"),
                    cls="om-actions",
                ),
            ),
            cls="om-message om-problem",
            role="alert",
        )
    )


def show_problem(*, title: str, text: str, note: str = "") -> None:
    """Something named is wrong, and ``text`` says the way out."""
    show(
        message(
            kind="problem", title=title, lines=(text,), actions=((PATHS["overview"], "重新载入"),), note=note
        )
    )


def show_refusal(title: str, *lines: str) -> None:
    """What a button was asked for and did not do; it stays to be read."""
    keep_screen()
    show(message(kind="problem", title=title, lines=lines))


def show_unexpected(error: BaseException) -> None:
    """Something nobody foresaw: a short number that stands in the log as well, never a traceback."""
    number = secrets.token_hex(3).upper()
    LOG.error("unexpected error %s", number, exc_info=error)
    show_problem(
        title="这个页面出错了",
        text="其他页面可以继续使用。请先重新载入；若再次出现，请把下面的错误编号告诉管理员，日志里有同一编号的详情。",
        note=f"错误编号 {number}",
    )
