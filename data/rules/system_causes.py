"""Rules over the system itself (系统故障): the worker, its jobs, and the receivers of notices.

A dead worker rings nothing, not even for itself. What it would ring is computed live (:func:`unrung`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, and_, func, or_, select
from sqlmodel import Session

from data.models import Alert, Notice
from data.notices.receivers import list_receivers
from data.notices.words import NoticeState
from data.queries.days import zone_of
from data.rules.found import Cause
from data.rules.parameters import LEAST_SILENT_MINUTES, SystemFailure
from data.rules.store import RuleSpec, list_rules
from data.worker.record import LABELS, WorkerStatus, rules_go_on, worker_status

WORKER: Final = "worker"
_RULES_JOB: Final = ("job:rules", "running:rules")
_ALERT: Final[Table] = Alert.__table__  # type: ignore[attr-defined]
_NOTICE: Final[Table] = Notice.__table__  # type: ignore[attr-defined]
_TRIES: Final = 3
"""So often a notice was tried in vain before it counts: one that waited for quiet hours to end is none."""


def system_failures(session: Session, rule: RuleSpec, as_of: datetime) -> list[Cause]:
    """What of the system does not work, each with the parameter beyond which it counts."""
    wanted = rule.parameters
    assert isinstance(wanted, SystemFailure)  # noqa: S101  the kind decides the type
    status = worker_status(session, as_of=as_of)
    return [
        *_silent(session, rule, wanted, status, as_of),
        *_failing_jobs(rule, wanted, status),
        *_endless_jobs(session, rule, wanted, status),
        *_unreached(session, rule, wanted, as_of),
    ]


def unrung(session: Session, *, as_of: datetime) -> list[Cause]:
    """The dead worker, and rules that fail or hang, where no alert of it lasts; of rules that are on."""
    if rules_go_on(session, as_of=as_of, patience=timedelta(minutes=LEAST_SILENT_MINUTES)):
        return []
    found = []
    for rule in list_rules(session=session):
        wanted = rule.parameters
        if not rule.enabled or not isinstance(wanted, SystemFailure):
            continue
        status = worker_status(session, as_of=as_of)
        causes = [
            *_silent(session, rule, wanted, status, as_of),
            *_failing_jobs(rule, wanted, status),
            *_endless_jobs(session, rule, wanted, status),
        ]
        causes = [cause for cause in causes if cause.key in (WORKER, *_RULES_JOB)]
        keys = [f"{rule.id}:{cause.key}" for cause in causes]
        lasting = select(_ALERT.c.cause).where(_ALERT.c.active_key.in_(keys))
        rung = set(session.connection().execute(lasting).scalars()) if keys else set()
        found += [cause for cause in causes if cause.key not in rung]
    return found


def _silent(
    session: Session, rule: RuleSpec, wanted: SystemFailure, status: WorkerStatus, as_of: datetime
) -> list[Cause]:
    """The worker without a sign of life; one that has never worked is no failure of it."""
    beat = status.heartbeat_at
    if beat is None or as_of - beat < timedelta(minutes=wanted.silent_minutes):
        return []
    detail = (
        f"最后一次心跳 {_said(session, beat)}；这期间挂账不恢复、规则不评估、通知不发送、文件不接入。"
        "请重新启动服务"
    )
    formula = f"后台任务超过 {wanted.silent_minutes:g} 分钟没有心跳"
    return [_cause(rule, WORKER, "后台任务没有在运行", detail, formula)]


def _failing_jobs(rule: RuleSpec, wanted: SystemFailure, status: WorkerStatus) -> list[Cause]:
    formula = f"一项后台任务连续出错满 {wanted.failures} 次"
    return [
        _cause(rule, f"job:{job.name}", f"“{job.label}”连续出错", job.error, formula)
        for job in status.jobs
        if job.name in LABELS and job.error and job.failures >= wanted.failures
    ]


def _endless_jobs(
    session: Session, rule: RuleSpec, wanted: SystemFailure, status: WorkerStatus
) -> list[Cause]:
    """Runs that do not end while the heartbeat goes on; since when, and not for how long: the text stays."""
    formula = f"一项后台任务运行满 {wanted.running_minutes:g} 分钟还没有结束"
    return [
        _cause(
            rule, f"running:{job.name}", f"“{job.label}”运行不结束",
            f"{_said(session, job.started_at)} 开始，满 {wanted.running_minutes:g} 分钟还没有结束，"
            "这期间这项工作停着。如在处理大文件可再等；否则请重新启动服务",
            formula,
        )
        for job in status.jobs
        if job.under_way and job.duration_seconds >= wanted.running_minutes * 60
    ]  # fmt: skip


def _unreached(session: Session, rule: RuleSpec, wanted: SystemFailure, as_of: datetime) -> list[Cause]:
    """Receivers to whom nothing got through since a notice that is so many hours old."""
    latest = as_of - timedelta(hours=wanted.delivery_hours)
    formula = f"通知发不出去，已有一条超过 {wanted.delivery_hours:g} 小时"
    causes = []
    for receiver in list_receivers(session):
        stuck = _stuck(session, receiver.id) if receiver.enabled else None
        if stuck is not None and stuck.created_at <= latest:
            detail = f"{_said(session, stuck.created_at)} 起的通知都没有发成：{stuck.reason or '原因不明'}"
            title = f"预警通知发不到“{receiver.name}”"
            causes.append(_cause(rule, f"receiver:{receiver.id}", title, detail, formula))
    return causes


def _stuck(session: Session, receiver_id: int) -> Any:
    """The oldest notice that was tried in vain since one got through; None where there is none."""
    connection = session.connection()
    mine, state = _NOTICE.c.receiver_id == receiver_id, _NOTICE.c.state
    newest = select(func.max(_NOTICE.c.id)).where(mine, state == NoticeState.SENT.value)
    sent = connection.execute(newest).scalar() or 0
    under_way = state.in_([NoticeState.WAITING.value, NoticeState.SENDING.value])
    in_vain = or_(state == NoticeState.FAILED.value, and_(under_way, _NOTICE.c.attempts >= _TRIES))
    states = [one.value for one in (NoticeState.FAILED, NoticeState.WAITING, NoticeState.SENDING)]
    wanted = (
        select(_NOTICE.c.created_at, _NOTICE.c.reason)
        .where(mine, state.in_(states), in_vain, _NOTICE.c.id > sent)
        .order_by(_NOTICE.c.id)
        .limit(1)
    )
    return connection.execute(wanted).first()


def _cause(rule: RuleSpec, key: str, title: str, detail: str, formula: str) -> Cause:
    return Cause(
        key=key, code="", color=rule.color, owner=rule.owner, title=f"系统故障：{title}", detail=detail,
        evidence={"formula": formula, "page": "quality"},
    )  # fmt: skip


def _said(session: Session, at: datetime) -> str:
    return f"{at.astimezone(zone_of(session)):%m-%d %H:%M}"
