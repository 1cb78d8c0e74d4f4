"""The same district with a few and with thousands of active alerts, as rules would have rung them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlmodel import col, select

from bench.history import copy_of
from data.database import open_engine, write_session
from data.models import Alert, AlertLog, Division, Rule
from data.settings import read_settings
from data.vocabulary import AlertState, RiskColor, RuleKind

_STATES: Final = (AlertState.NEW, AlertState.NEW, AlertState.ACKNOWLEDGED)


def with_alerts(var_dir: Path, target: Path, *, count: int) -> Path:
    """A copy of the deployment in ``target`` with ``count`` active alerts in all areas and colours."""
    copy_of(var_dir, target)
    engine = open_engine(read_settings({"ONEMAP_VAR_DIR": str(target)}).database_url)
    now = datetime.now(UTC)
    with write_session(engine) as session:
        rule = session.exec(select(Rule).where(col(Rule.kind) == RuleKind.OVERDUE_LADDER.value)).one()
        codes = session.exec(select(Division.code).order_by(Division.code)).all()
        alerts = [
            Alert(
                rule_id=rule.id, cause=f"event:{number}", active_key=f"{rule.id}:event:{number}",
                color=list(RiskColor)[number % len(RiskColor)].value, title=f"测速预警 {number}",
                detail="已超过 24 小时", code=codes[number % len(codes)], owner="leader",
                state=_STATES[number % len(_STATES)].value, raised_at=now - timedelta(minutes=number),
                changed_at=now,
            )
            for number in range(count)
        ]  # fmt: skip
        session.add_all(alerts)
        session.flush()
        session.add_all(
            AlertLog(alert_id=one.id or 0, at=now, actor="测速", action="raise", to_state=one.state)
            for one in alerts
        )
    engine.dispose()
    return target
