"""Dispatch rules from a file against the table in force: each change is a new version, as an edit by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlmodel import Session

from data.dispatch.edit import RuleDraft, draft_of, follow, next_number, open_version
from data.dispatch.tables import newest_versions, versions_of
from data.imports.prepared import Prepared
from data.models import DispatchRule
from data.models.base import column


@dataclass(kw_only=True)
class RuleChanges:
    """What a file would do to the dispatch table. A rule that the file does not name stays as it is."""

    new: list[RuleDraft] = field(default_factory=list)
    changed: list[tuple[DispatchRule, RuleDraft]] = field(default_factory=list)
    same: int = 0

    def apply(self, session: Session, *, batch_id: int, today: date, actor: str) -> None:
        """Write the versions, in the caller's write session. They hold from today, or from the first day of
        a version that was to follow.
        """
        number = next_number(session)
        for position, draft in enumerate(self.new):
            open_version(
                session, number + position, 1, draft, valid_from=today, actor=actor, batch_id=batch_id
            )
        for newest, draft in self.changed:
            valid_from = max(today, newest.valid_from)
            follow(session, newest, draft, valid_from=valid_from, actor=actor, batch_id=batch_id)


def compare_rules(session: Session, prepared: Prepared) -> RuleChanges:
    """Each prepared rule against the newest version for its class and area; withdrawn ones are as none."""
    stored: dict[tuple[str, str], DispatchRule] = {}
    for rule in newest_versions(session):
        if not rule.withdrawn:
            stored.setdefault((rule.class_prefix, rule.area_prefix), rule)
    found = RuleChanges()
    for row in prepared.rows:
        draft = RuleDraft(**row)
        known = stored.get((draft.class_prefix, draft.area_prefix))
        if known is None:
            found.new.append(draft)
        elif draft_of(known) == draft:
            found.same += 1
        else:
            found.changed.append((known, draft))
    return found


def undo_rules(session: Session, *, batch_id: int, today: date, actor: str) -> tuple[int, int, int]:
    """Take back the versions that a batch brought: (withdrawn, restored, kept because changed since)."""
    query = select(column(DispatchRule.number)).where(column(DispatchRule.batch_id) == batch_id).distinct()
    removed = restored = kept = 0
    for number in sorted(session.execute(query).scalars()):
        newest, *older = versions_of(session, number)
        if newest.batch_id != batch_id:
            kept += 1
            continue
        before = older[0] if older else None
        withdrawn = before is None or before.withdrawn
        follow(
            session, newest, draft_of(before or newest), valid_from=max(today, newest.valid_from),
            actor=actor, note=f"撤销接入批次 {batch_id}", withdrawn=withdrawn,
        )  # fmt: skip
        removed, restored = removed + withdrawn, restored + (not withdrawn)
    return removed, restored, kept
