"""The background worker: who holds the lease, what each job did last, what failed, when it goes on."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from typing import Final

from dashboard.formats import ago_text, moment_text
from dashboard.markup import Html, div, el, show, span
from dashboard.panels.explanation import explain_menu
from dashboard.panels.frame import panel
from dashboard.panels.messages import message
from dashboard.state import Screen
from data.durations import duration_text
from data.labels import DASH
from data.worker.record import JobStatus, WorkerStatus, worker_status

_PATIENCE: Final = timedelta(minutes=1)
TITLES: Final = ("任务", "最近一次", "做了什么", "下次")
_FORMULA: Final = (
    "后台任务的心跳、各项任务最近一次的时间和结果。没有要做的，每分钟最多记一次。同时运行几个后台任务时，"
    "只有占用者工作，它意外中断后约 15 秒由另一个接替。"
)
_STALE: Final = (
    "这期间挂账不会自动恢复，预警规则不评估，通知不发送，接入文件夹不处理；已有的数据照常显示。",
    "请重新启动服务，后台任务随之启动；或按使用手册“后台任务和预警通知”一节单独启动它。",
)


def show_worker(screen: Screen) -> None:
    """Read at each run and not kept: the worker writes without telling screens."""
    now = datetime.now(UTC)
    status = worker_status(screen.session, as_of=now)
    working = status.alive or _just_now(status, now)
    head = el("tr", [el("th", title, cls="om-left") for title in TITLES])
    body = [_job(screen, job, now) for job in status.jobs]
    table = el("table", el("thead", head), el("tbody", body), cls="om-table om-worker-jobs")
    explanation = explain_menu(screen, key="worker", title="后台任务", formula=_FORMULA, about_events=False)
    show(
        panel(
            "后台任务", None if working else _stale(screen, status, now),
            div(table, cls="om-x") if body else None,
            aside=[explanation, _holder(status, now, working=working)], cls="om-worker",
        )
    )  # fmt: skip


def _just_now(status: WorkerStatus, now: datetime) -> bool:
    """Its lease has run out while it waits behind a long write, like that which removes the demo."""
    beat = status.heartbeat_at if status.owner else None
    return beat is not None and now - beat < _PATIENCE


def _holder(status: WorkerStatus, now: datetime, *, working: bool) -> Html:
    if not working or status.heartbeat_at is None:
        return span("◆ 没有在运行", cls="om-overdue", data_worker="stale")
    who = _process(status.owner)
    beat = ago_text(status.heartbeat_at, now=now)
    return span(span("● 运行中", cls="om-done"), f" {who}，心跳 {beat}", cls="om-note", data_worker="alive")


def _process(owner: str) -> str:
    """The process that holds the lease; its machine is named where it is another one."""
    host, _, rest = owner.partition(":")
    return f"{'本机' if host == socket.gethostname()[:20] else host}进程 {rest.partition(':')[0]}"


def _stale(screen: Screen, status: WorkerStatus, now: datetime) -> Html:
    if status.heartbeat_at is None:
        title = "后台任务还没有运行过"
    elif not status.owner:
        title = f"后台任务已停止，最后一次心跳 {_when(screen, status.heartbeat_at)}"
    else:
        title = f"后台任务没有反应，最后一次心跳 {ago_text(status.heartbeat_at, now=now)}"
    return message(kind="problem", title=title, lines=_STALE)


def _job(screen: Screen, job: JobStatus, now: datetime) -> Html:
    failed = bool(job.error)
    what = f"连续 {job.failures} 次出错：{job.error}" if failed else job.result or DASH
    spent = f"用时 {job.duration_seconds:.2f} 秒"
    if job.under_way:
        spent = f"已运行 {duration_text(job.duration_seconds / 3600)}"
    earlier = (
        div(f"上次出错 {_when(screen, job.failed_at)}", cls="om-note")
        if job.failed_at and not failed
        else None
    )
    sign, color = ("◆", "overdue") if failed else ("✓", "done") if job.ended else ("▲", "soon")
    return el(
        "tr",
        el("td", span(sign, cls=f"om-sign om-{color}"), job.label, cls="om-left"),
        el("td", _when(screen, job.started_at), div(spent, cls="om-note"), cls="om-left om-nowrap"),
        el("td", span(what, cls="om-overdue" if failed else ""), earlier, cls="om-left om-wide"),
        el("td", _next(job, now), cls="om-left om-nowrap"),
        data_job=job.name,
    )  # fmt: skip


def _next(job: JobStatus, now: datetime) -> str:
    if job.under_way:
        return "结束之后"
    if job.next_at is None:
        return "启动后" if job.every_seconds else DASH
    seconds = (job.next_at - now).total_seconds()
    return f"{max(1, round(seconds))} 秒内" if seconds < 90 else f"{round(seconds / 60)} 分钟内"


def _when(screen: Screen, at: datetime) -> str:
    return moment_text(at, zone=screen.zone, now=screen.as_of)
