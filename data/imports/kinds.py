"""One door to all kinds: how a table of text becomes rows, and what the rows would change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlmodel import Session

from data.imports.compare_events import EventChanges, compare_events
from data.imports.compare_plain import PlainChanges, compare_plain
from data.imports.compare_rules import RuleChanges, compare_rules
from data.imports.errors import ProfileProblem
from data.imports.known import Known
from data.imports.prepared import Prepared
from data.imports.profile import Profile
from data.imports.result import Counts
from data.imports.rows_divisions import prepare_divisions
from data.imports.rows_duties import prepare_dispatch_rules, prepare_list_items, prepare_service_items
from data.imports.rows_events import prepare_events
from data.imports.rows_simple import prepare_departments, prepare_event_classes, prepare_staff
from data.imports.rows_stations import prepare_stations
from data.imports.source_table import SourceTable
from data.labels import BATCH_KIND, label
from data.vocabulary import BatchKind

Changes = EventChanges | PlainChanges | RuleChanges
_PREPARE: Final[dict[BatchKind, Callable[[SourceTable, Profile, Known], Prepared]]] = {
    BatchKind.DIVISIONS: prepare_divisions,
    BatchKind.STATIONS: prepare_stations,
    BatchKind.EVENTS: prepare_events,
    BatchKind.DEPARTMENTS: prepare_departments,
    BatchKind.EVENT_CLASSES: prepare_event_classes,
    BatchKind.STAFF: prepare_staff,
    BatchKind.DISPATCH_RULES: prepare_dispatch_rules,
    BatchKind.LIST_ITEMS: prepare_list_items,
    BatchKind.SERVICE_ITEMS: prepare_service_items,
}


def check_kind(kind: BatchKind, profile: Profile) -> None:
    """Raises ``ProfileProblem`` where a profile is for another kind than the import."""
    if profile.kind != kind:
        raise ProfileProblem(
            f"接入方案“{profile.title}”用于接入{label(BATCH_KIND, profile.kind)}，"
            f"不能用来接入{label(BATCH_KIND, kind)}：请换一个方案。"
        )


def prepare(table: SourceTable, profile: Profile, known: Known) -> Prepared:
    """The rows of a table, by the kind of its profile. Touches no database."""
    return _PREPARE[profile.kind](table, profile, known)


def compare(session: Session, prepared: Prepared) -> Changes:
    """What the rows would change."""
    if prepared.kind is BatchKind.EVENTS:
        return compare_events(session, prepared)
    if prepared.kind is BatchKind.DISPATCH_RULES:
        return compare_rules(session, prepared)
    return compare_plain(session, prepared)


def warnings_of(changes: Changes) -> tuple[str, ...]:
    """What people should know about the comparison itself, in Chinese."""
    return () if isinstance(changes, RuleChanges) else changes.warnings


def count(prepared: Prepared, changes: Changes) -> Counts:
    """The rows of a file, accounted for."""
    has_place = prepared.kind in (BatchKind.EVENTS, BatchKind.STATIONS)
    places = list(zip(prepared.column("lon"), prepared.column("code"), strict=True)) if has_place else []
    return Counts(
        total=prepared.total,
        new=len(changes.new),
        changed=len(changes.changed),
        same=changes.same + prepared.repeats,
        rejected=len(prepared.fields.rejections),
        unplaced=sum(lon is not None and not code for lon, code in places),
        unlocated=sum(lon is None for lon, _ in places),
        marked=sum(map(bool, prepared.column("flags"))),
    )
