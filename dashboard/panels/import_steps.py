"""The guided way in: what to bring, in which order, what is there already and what is still missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from dashboard import context
from dashboard.ask import ask
from dashboard.formats import number
from dashboard.markup import Html, div, el, link, show, span
from dashboard.panels.confirm import confirmed
from dashboard.panels.explanation import explain_menu
from dashboard.panels.messages import message, show_refusal
from dashboard.panels.progress import shown_progress
from dashboard.state import Screen
from data.database import DatabaseProblem
from data.demo import DemoMissing, remove_demo
from data.labels import LEVEL
from data.queries.reference import Inventory, inventory
from data.vocabulary import BatchKind, Level


@dataclass(frozen=True, kw_only=True)
class Step:
    """One kind of file: its name, why it is needed, what it must contain."""

    kind: BatchKind
    name: str
    purpose: str
    needs: str
    optional: bool = False


STEPS: Final = (
    Step(
        kind=BatchKind.DIVISIONS,
        name="区划边界",
        purpose="区、街道、社区、网格的名称、代码和边界。地图、下钻和落格都以它为准。",
        needs="每行一个区划：代码（6、9、12 或 15 位）、名称、边界（图形文件，或一列 WKT）。可带人口、户数。",
    ),
    Step(
        kind=BatchKind.STATIONS,
        name="服务站点",
        purpose="便民服务中心、社区服务站、党群服务中心等阵地及开放时间。",
        needs="每行一个站点：编号、名称、类别、经纬度。可带开放时间、窗口数、人员数、面积、办理事项。",
    ),
    Step(
        kind=BatchKind.DEPARTMENTS,
        name="职能部门",
        purpose="接收和办理事件的部门。",
        needs="每行一个部门：代码、名称。可带电话。",
    ),
    Step(
        kind=BatchKind.EVENT_CLASSES,
        name="事件类别",
        purpose="大类、小类，以及每一小类的处置时限和责任部门。",
        needs="每行一个小类：代码、大类、小类。可带时限、计时方式、责任部门、结案条件。",
    ),
    Step(
        kind=BatchKind.STAFF,
        name="责任人员",
        purpose="社区书记、网格员等责任人，以及所负责的区划。",
        needs="每行一人：编号、姓名、岗位、负责区划代码。电话只以掩码显示。",
        optional=True,
    ),
    Step(
        kind=BatchKind.DISPATCH_RULES,
        name="派遣规则",
        purpose="哪一类事件、在哪一片，由哪个部门办，限时多少。没有规则的按事件类别的默认部门。",
        needs="每行一条：责任部门，类别和区域不填为全部。可带处置时限、计时方式、响应时限。",
        optional=True,
    ),
    Step(
        kind=BatchKind.LIST_ITEMS,
        name="五项清单",
        purpose="各项清单的条目和审议环节。负面清单上的类别不会下派给街道、社区。",
        needs="每行一条：清单、条目编号、事项。可带类别、区域、审议环节、依据；不写环节的视为现行。",
        optional=True,
    ),
    Step(
        kind=BatchKind.SERVICE_ITEMS,
        name="办理流程",
        purpose="服务事项怎么办：由谁承接、有什么要求、要带什么材料。",
        needs="每行一项：事项编号、服务事项。可带具体内容、承接主体、服务要求、相关材料、办理方式、承诺时限。",
        optional=True,
    ),
    Step(
        kind=BatchKind.EVENTS,
        name="事件工单",
        purpose="12345、数字城管、网格巡查等来源的事件。重复接入时按案件号更新，不会重复计数。",
        needs="每行一件：案件号、类别、上报时间。有经纬度的自动落格；状态、部门、时限有则带上。",
    ),
)


_UNITS: Final = {
    BatchKind.EVENTS: "件",
    BatchKind.STAFF: "人",
    BatchKind.EVENT_CLASSES: "类",
    BatchKind.DISPATCH_RULES: "条",
    BatchKind.LIST_ITEMS: "条",
    BatchKind.SERVICE_ITEMS: "项",
}


def chosen_step(screen: Screen) -> Step:
    """The step in the URL, else the first that is still missing, else the last."""
    there = ask(screen, inventory)
    wanted = screen.view.get("step")
    found = next((step for step in STEPS if step.kind == wanted), None)
    return found or next((s for s in STEPS if not _count(there, s) and not s.optional), STEPS[-1])


def _count(there: Inventory, step: Step) -> int:
    if step.kind is BatchKind.DIVISIONS:
        return sum(there.divisions.values())
    return int(getattr(there, step.kind.value))


def _there(there: Inventory, step: Step) -> str:
    if step.kind is BatchKind.DIVISIONS and there.divisions:
        counts = [
            f"{LEVEL[level]} {number(there.divisions[level])}" for level in Level if level in there.divisions
        ]
        return "，".join(counts)
    count = _count(there, step)
    unit = _UNITS.get(step.kind, "个")
    return f"已有 {number(count)} {unit}" if count else "尚未接入"


def show_steps(screen: Screen, current: Step) -> None:
    """The steps with what is there; the chosen one is marked."""
    there: Inventory = ask(screen, inventory)
    rows = [
        _step(screen, position, step, there, on=step is current) for position, step in enumerate(STEPS, 1)
    ]
    show(
        div(
            div(span("接入步骤", cls="om-title"), cls="om-panel-head"),
            el("ol", rows, cls="om-steps"),
            el("p", "每一步可以反复接入；每次接入为一个批次，可整批撤销。", cls="om-note om-steps-note"),
            cls="om-panel",
        )
    )


def _step(screen: Screen, position: int, step: Step, there: Inventory, *, on: bool) -> Html:
    done = _count(there, step) > 0
    state = _there(there, step) + ("（可选）" if step.optional and not done else "")
    return el(
        "li",
        link(
            screen.href(extra={"step": step.kind.value}),
            span("✓" if done else str(position), cls="om-step-mark om-step-done" if done else "om-step-mark"),
            span(el("b", step.name), span(state, cls="om-note"), cls="om-step-text"),
            cls="om-step om-on" if on else "om-step",
            aria_current="step" if on else None,
        ),
    )


def show_demo_notice(screen: Screen) -> None:
    """Where the demo is in: what it is, and the one action that removes it, asked twice."""
    if not screen.is_demo:
        return
    with st.container(key="om-demo-notice"):
        show(
            div(
                span("▲", cls="om-sign om-soon"),
                span(
                    el("b", "当前是演示数据。"),
                    "区划名称取自公开资料，网格边界、站点、人员和事件均为虚构。真实数据不与演示数据混放：接入前请先移除演示数据；可以先上传文件预览。",
                ),
                cls="om-notice-line",
            )
        )
        sure = confirmed(
            "移除演示数据",
            key="om_remove_demo",
            question="将删除全部演示区划、站点、人员和事件，连同演示期间上报的件，不可恢复。",
            action="确认移除",
        )
    if sure:
        _remove_demo()


def _remove_demo() -> None:
    try:
        with shown_progress("移除演示数据") as tell:
            remove_demo(context.engine(), context.settings(), progress=tell)
    except (DemoMissing, DatabaseProblem) as error:
        show_refusal("没有移除", str(error))
        return
    st.query_params.from_dict({})
    st.rerun()


def show_welcome(screen: Screen) -> None:
    """The very first page of an empty database."""
    there: Inventory = ask(screen, inventory)
    if any(_count(there, step) for step in STEPS):
        return
    show(
        message(
            kind="notice",
            title="欢迎使用一图统览",
            lines=(
                "库中还没有数据。请按“接入步骤”接入自己街道的数据，先从区划边界开始。每一步都有模板可以下载。",
            ),
        )
    )


def rows_explained(screen: Screen, *, key: str) -> Html:
    """怎么算的 of the rows of a file, before it is taken in and after."""
    return explain_menu(
        screen,
        key=key,
        title="行数",
        formula="总行数 = 新增 + 更新 + 不变 + 退回。按来源和案件号（区划、站点按代码）与接入前的库比较："
        "没有的为新增，有而内容不同的为更新。未落格、无坐标、加标记是所接入的行中的一部分。",
        about_events=False,
    )
