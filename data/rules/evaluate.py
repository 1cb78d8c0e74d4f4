"""Evaluates the rules: what is new rings, what lasts does not ring again, what is over resolves by itself.

Idempotent: evaluating twice at one moment changes nothing the second time. The work is bounded by open
events, the last weeks of the roll-up and the alerts that are active, never by history.

:func:`look` only reads and takes nearly all of the time; :func:`settle` writes what it found. Between the
two cases may move: the alerts are then what they would be had the rules been evaluated just before. Only
alerts or rules that changed meanwhile make what was found void (``Seen``).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, func, or_, select, update
from sqlmodel import Session

from data.bulk import insert_rows
from data.chain import append_rows
from data.models import Alert, AlertLog, Rule
from data.rules.by_hand import REMINDER
from data.rules.causes import find
from data.rules.drills import reminders
from data.rules.findings import Changes, Finding, Findings, Seen
from data.rules.found import Cause
from data.rules.order import issue_order, with_department
from data.rules.over import REGROUPED, RULE_OFF, why_over
from data.rules.parameters import ThresholdNow
from data.rules.plan_clock import limits, plan_columns
from data.rules.store import RuleSpec, list_rules
from data.vocabulary import AlertState, RiskColor

ACTOR: Final = "系统（规则评估）"
_ALERT: Final[Table] = Alert.__table__  # type: ignore[attr-defined]
_LOG: Final[Table] = AlertLog.__table__  # type: ignore[attr-defined]
_RULE: Final[Table] = Rule.__table__  # type: ignore[attr-defined]
_DRILLED: Final = "已演练，或已进入新的季度"
_WORST_FIRST: Final = list(RiskColor)


def evaluate(session: Session, *, as_of: datetime) -> Changes:
    """Brings the alerts of all rules up to ``as_of``, in the caller's write session.

    A rule that cannot be evaluated is named and its alerts stay as they are; the others go on.
    """
    session.flush()
    return settle(session, look(session, as_of=as_of))


def look(session: Session, *, as_of: datetime) -> Findings:
    """What :func:`settle` has to write so that the alerts are up to ``as_of``. Reads only."""
    findings = Findings(as_of=as_of, seen=seen_now(session))
    active = _active(session)
    for rule in list_rules(session=session):
        mine = active.pop(rule.id, {})
        if not rule.enabled:
            findings.of_rules.append(Finding(rule=rule, ends=[(row, RULE_OFF) for row in mine.values()]))
        elif rule.parameters is None:
            findings.problems.append(f"规则“{rule.name}”没有评估：{rule.problem}")
        else:
            findings.of_rules.append(_look_at(session, findings, rule, mine))
    gone = [(row, RULE_OFF) for rest in active.values() for row in rest.values()]
    findings.of_rules += [Finding(rule=None, ends=gone), _look_at_drills(session, as_of)]
    return findings


def settle(session: Session, findings: Findings) -> Changes:
    """Writes what :func:`look` found, in the caller's write session, in which ``seen_now`` is as it was."""
    changes = Changes(summarised=findings.summarised, problems=findings.problems)
    for one in findings.of_rules:
        for row, cause in one.changed:
            _update(session, changes, row, cause, findings.as_of)
        _end(session, changes, one.ends, findings.as_of)
        _raise(session, changes, one.rule, one.new, findings.as_of)
    append_rows(session, _LOG, changes.steps)
    return changes


def seen_now(session: Session) -> Seen:
    """The alerts and rules as this session sees them, in short."""
    connection = session.connection()
    lasting = select(func.count(), func.max(_ALERT.c.changed_at)).where(_ALERT.c.active_key.is_not(None))
    active, changed_at = connection.execute(lasting).one()
    last_entry = connection.execute(select(func.max(_LOG.c.id))).scalar_one() or 0
    rules = connection.execute(
        select(_RULE.c.id, _RULE.c.version, _RULE.c.enabled, _RULE.c.removed).order_by(_RULE.c.id)
    )
    return Seen(
        last_entry=last_entry,
        active=active,
        changed_at=changed_at,
        rules=tuple((row.id, row.version, row.enabled, row.removed) for row in rules),
    )


def _active(session: Session) -> dict[int, dict[str, Any]]:
    """Alerts whose cause lasted at the last evaluation, by rule and cause. Drills belong to no rule."""
    rows = session.connection().execute(
        select(_ALERT).where(_ALERT.c.active_key.is_not(None), _ALERT.c.rule_id.is_not(None))
    )
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row.rule_id, {})[row.cause] = row
    return found


def _look_at_drills(session: Session, as_of: datetime) -> Finding:
    """A reminder rings once a quarter for a street, whatever people do with it, and ends with the drill."""
    causes = reminders(session, as_of)
    mine = (_ALERT.c.rule_id.is_(None), _ALERT.c.cause.startswith(REMINDER, autoescape=True))
    matters = or_(_ALERT.c.active_key.is_not(None), _ALERT.c.cause.in_([cause.key for cause in causes]))
    rows = session.connection().execute(select(_ALERT).where(*mine, matters)).all()
    lasting = {row.cause: row for row in rows if row.active_key is not None}
    rung = {row.cause for row in rows}
    finding = Finding(rule=None)
    for cause in causes:
        row = lasting.pop(cause.key, None)
        if row is None:
            finding.new += [] if cause.key in rung else [cause]
        elif (row.color, row.title, row.detail) != tuple(_shown(cause).values()):
            finding.changed.append((row, cause))
    finding.ends += [(row, _DRILLED) for row in lasting.values()]
    return finding


def _look_at(session: Session, findings: Findings, rule: RuleSpec, mine: dict[str, Any]) -> Finding:
    was_summarised = any(cause.startswith("area:") for cause in mine)
    found = find(session, rule, findings.as_of, was_summarised=was_summarised)
    if found.summarised:
        findings.summarised.append(
            f"规则“{rule.name}”有 {found.total} 起，已按街道合并为 {len(found.causes)} 条"
        )
    finding = Finding(rule=rule)
    for cause in found.causes:
        row = mine.pop(cause.key, None)
        if row is None:
            finding.new.append(cause)
        elif (row.color, row.title, row.detail) != tuple(_shown(cause).values()):
            finding.changed.append((row, cause))
    for row in mine.values():
        regrouped = found.causes and row.cause.startswith("area:") is not found.summarised
        finding.ends.append((row, REGROUPED if regrouped else why_over(session, rule, row, findings.as_of)))
    return finding


def _raise(
    session: Session, changes: Changes, rule: RuleSpec | None, causes: list[Cause], as_of: datetime
) -> None:
    if not causes:
        return
    hours = limits(session) if rule and rule.with_plan else {}
    rule_id, prefix = (rule.id, f"{rule.id}:") if rule else (None, "")
    rows = [
        {
            "rule_id": rule_id, "cause": cause.key, "active_key": f"{prefix}{cause.key}",
            **_shown(cause), "evidence": _spelled(cause, rule), "code": cause.code, "owner": cause.owner,
            "state": AlertState.NEW.value, "is_drill": False, "event_id": None, "raised_at": as_of,
            "changed_at": as_of, "ended_at": None, "resolved_at": None, "resolution": "",
            "plan_done_at": None, "plan_done_by": "", "plan_text": "",
            **plan_columns(hours, cause.color, as_of),
        }
        for cause in causes
    ]  # fmt: skip
    connection = session.connection()
    insert_rows(connection, _ALERT, rows)
    of_rule = _ALERT.c.rule_id == rule_id if rule else _ALERT.c.rule_id.is_(None)
    mine = (of_rule, _ALERT.c.active_key.is_not(None))
    numbers = {
        row.cause: row.id for row in connection.execute(select(_ALERT.c.id, _ALERT.c.cause).where(*mine))
    }
    for cause in causes:
        alert_id = numbers[cause.key]
        changes.raised.append(alert_id)
        _note(changes, alert_id, "raise", "", AlertState.NEW, f"{cause.title}：{cause.detail}", as_of)
    if rule and isinstance(rule.parameters, ThresholdNow) and rule.parameters.order is not None:
        for cause in causes:
            _order(session, changes, rule.parameters, numbers[cause.key], cause, as_of)


def _order(
    session: Session,
    changes: Changes,
    wanted: ThresholdNow,
    alert_id: int,
    cause: Cause,
    as_of: datetime,
) -> None:
    """Orders rectification; of nobody yet where no department may be named, and says why."""
    if wanted.order is None or not cause.code:
        return
    order, unnamed = with_department(session, order=wanted.order, code=cause.code, at=as_of)
    said = "超过红线，自动下达整改指令" + (f"，承办部门待派：{unnamed}" if unnamed else "")
    event_id = issue_order(
        session, alert_id=alert_id, title=cause.title, reason=cause.detail, code=cause.code,
        order=order, actor=ACTOR, at=as_of,
    )  # fmt: skip
    session.connection().execute(
        update(_ALERT)
        .where(_ALERT.c.id == alert_id)
        .values(state=AlertState.ORDERED.value, event_id=event_id, changed_at=as_of)
    )
    _note(changes, alert_id, "order", AlertState.NEW, AlertState.ORDERED, said, as_of)
    changes.ordered.append(alert_id)


def _update(session: Session, changes: Changes, row: Any, cause: Cause, as_of: datetime) -> None:
    """The cause lasts and says something new: the alert follows, and does not ring again. At another level
    the clock of that level's plan begins, where one runs.
    """
    climbed = row.color != cause.color.value
    runs = row.plan_due_at is not None and row.plan_done_at is None
    clock = plan_columns(limits(session), cause.color, as_of) if climbed and runs else {}
    session.connection().execute(
        update(_ALERT)
        .where(_ALERT.c.id == row.id)
        .values(
            **_shown(cause), owner=cause.owner,
            evidence=_spelled(cause, None, version=json.loads(row.evidence).get("rule_version")),
            changed_at=as_of, **clock,
        )
    )  # fmt: skip
    changes.changed.append(row.id)
    if climbed:
        up = _WORST_FIRST.index(cause.color) < _WORST_FIRST.index(RiskColor(row.color))
        text = f"{'升级' if up else '降级'}：{cause.detail}"
        _note(changes, row.id, "color", row.state, row.state, text, as_of)


def _end(session: Session, changes: Changes, ends: list[tuple[Any, str]], as_of: datetime) -> None:
    """The cause is over: the alert resolves by itself, unless somebody has resolved it already."""
    for row, sentence in ends:
        values: dict[str, Any] = {"active_key": None, "ended_at": as_of}
        if row.state != AlertState.RESOLVED:
            text = f"自动解除：{sentence}"
            values |= {
                "state": AlertState.RESOLVED.value, "resolved_at": as_of, "resolution": text,
                "changed_at": as_of,
            }  # fmt: skip
            _note(changes, row.id, "end", row.state, AlertState.RESOLVED, text, as_of)
            changes.resolved.append(row.id)
        session.connection().execute(update(_ALERT).where(_ALERT.c.id == row.id).values(**values))


def _note(
    changes: Changes, alert_id: int, action: str, before: str, after: str, reason: str, at: datetime
) -> None:
    changes.steps.append({
        "alert_id": alert_id, "at": at, "actor": ACTOR, "action": action, "from_state": str(before),
        "to_state": str(after), "reason": reason[:256],
    })  # fmt: skip


def _shown(cause: Cause) -> dict[str, str]:
    """What an alert shows of its cause, cut to what its columns hold."""
    return {"color": cause.color.value, "title": cause.title[:128], "detail": cause.detail[:256]}


def _spelled(cause: Cause, rule: RuleSpec | None, *, version: int | None = None) -> str:
    number = rule.version if rule is not None else version
    return json.dumps({**cause.evidence, "rule_version": number}, ensure_ascii=False, sort_keys=True)
