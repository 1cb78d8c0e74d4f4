"""What happens to a whistle once it is blown: arrivals, returns, ends, scores, and back; each is logged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlmodel import Session

from data.conventions import read_conventions
from data.event_base import zone_of
from data.labels import WHISTLE_ACT
from data.lifecycle import Person, read_rules
from data.models import Whistle, WhistleLog
from data.queries.names import department_names
from data.whistle.errors import StaleWhistle, WhistleError
from data.whistle.log import Changes, Step, append, before_last, departments_of, log_of, number_of
from data.whistle.rules import Look, refusal
from data.whistle_vocabulary import WhistleAct

MAX_NOTE: Final = 256
OF_WHISTLE: Final = (WhistleAct.WITHDRAW, WhistleAct.UNDO)
"""Acts that name no department."""
OF_DEPARTMENT: Final = (WhistleAct.ARRIVE, WhistleAct.FINISH, WhistleAct.RETURN, WhistleAct.SCORE)
ACTS: Final = (*OF_DEPARTMENT, *OF_WHISTLE)
"""What a person may do with a whistle that is blown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """One act on a whistle. ``department`` is whom it is about; ``points`` 0 to 100 for a score."""

    act: WhistleAct
    whistle_id: int
    department: str = ""
    reason: str = ""
    points: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """An act that a person may do now, or why not (``refusal``)."""

    act: WhistleAct
    department: str = ""
    refusal: str = ""

    @property
    def allowed(self) -> bool:
        return not self.refusal


def take(
    session: Session, deed: Deed, *, person: Person, at: datetime, seen_seq: int | None = None
) -> WhistleLog:
    """Do one act. ``seen_seq`` is the newest entry that the person has seen; None: whatever it is.

    Raises:
        StaleWhistle: somebody did something since; the text says who and what.
        WhistleError: a rule refuses; ``rule`` names it.
    """
    at = at.astimezone(UTC)
    whistle = session.get(Whistle, deed.whistle_id)
    if whistle is None:
        raise WhistleError(f"没有编号为 {deed.whistle_id} 的吹哨")
    entries = log_of(session, deed.whistle_id)
    if seen_seq is not None and seen_seq != whistle.seq:
        raise StaleWhistle(_happened(session, entries, seen_seq))
    look = _look(session, whistle, entries, deed, person=person, at=at)
    refused = refusal(look)
    if refused is not None:
        raise WhistleError(refused[1], rule=refused[0])
    changes: Changes
    if deed.act is WhistleAct.UNDO:
        last = entries[-1]
        department, changes = last.department_code, before_last(entries)
        said = f"撤销第 {last.seq} 步“{WHISTLE_ACT[last.action]}”" + (deed.reason and f"：{deed.reason}")
    else:
        if deed.act is WhistleAct.SCORE:
            _check_score(session, deed)
        department, changes = deed.department, _EFFECTS[deed.act](look, deed)
        said = f"{deed.points} 分 {deed.reason}".strip() if deed.act is WhistleAct.SCORE else deed.reason
    step = Step(
        act=deed.act, at=at, actor=person.name, person_id=person.staff_id, role=person.role.value,
        department=department, reason=said, changes=changes,
    )  # fmt: skip
    return append(session, whistle, step)


def offers(session: Session, whistle: Whistle, *, person: Person, at: datetime) -> list[Offer]:
    """Every act on a whistle, department by department, with what refuses it. Fields are not looked at."""
    number = number_of(whistle)
    entries = log_of(session, number)
    codes = [one.department_code for one in departments_of(session, number)]
    deeds = [
        *(Deed(act=act, whistle_id=number, department=code) for code in codes for act in OF_DEPARTMENT),
        *(Deed(act=act, whistle_id=number) for act in OF_WHISTLE),
    ]
    at = max([at, *(entry.at for entry in entries[-1:])])
    whole = _look(session, whistle, entries, deeds[-1], person=person, at=at)
    names = department_names(session)
    return [
        Offer(act=deed.act, department=deed.department, refusal=refused[1] if refused else "")
        for deed in deeds
        for refused in (refusal(_about(whole, entries, deed, names)),)
    ]


def _look(
    session: Session, whistle: Whistle, entries: list[WhistleLog], deed: Deed, *, person: Person, at: datetime
) -> Look:
    departments = tuple(departments_of(session, number_of(whistle)))
    look = Look(
        act=deed.act, person=person, at=at, code=whistle.code, zone=zone_of(session), whistle=whistle,
        departments=departments, conventions=read_conventions(session=session),
    )  # fmt: skip
    look = _about(look, entries, deed, department_names(session))
    if look.called is None and deed.act not in OF_WHISTLE:
        raise WhistleError(f"{look.name or '（没有选部门）'}不在被吹哨的部门之列")
    return look


def _about(look: Look, entries: Sequence[WhistleLog], deed: Deed, names: Mapping[str, str]) -> Look:
    """The same look, for another act: what is undone is about whom the newest entry is about."""
    newest = entries[-1] if entries else None
    code = newest.department_code if deed.act is WhistleAct.UNDO and newest else deed.department
    called = next((one for one in look.departments if one.department_code == code), None)
    return replace(look, act=deed.act, called=called, name=names.get(code, code), newest=newest)


def _arrive(look: Look, deed: Deed) -> Changes:
    return {deed.department: {"arrived_at": look.at}}


def _give_back(look: Look, deed: Deed) -> Changes:
    """With a reason; the arrival does not count any more, and no time is given: the clock goes on."""
    if not deed.reason.strip():
        raise WhistleError("退回要写明理由")
    called, whistle = look.called, look.whistle
    if called is None or whistle is None:
        raise AssertionError("a return is about a department of a whistle")
    return {
        deed.department: {"arrived_at": None, "returned_count": called.returned_count + 1},
        "": {"returned_count": whistle.returned_count + 1},
    }


def _finish(look: Look, deed: Deed) -> Changes:
    """One department has done its part; the whistle is done with the last of them."""
    if not deed.reason.strip():
        raise WhistleError("办结要写明处置结果")
    changes: dict[str, dict[str, Any]] = {deed.department: {"done_at": look.at}}
    others = [one for one in look.departments if one.department_code != deed.department]
    if all(one.done_at is not None for one in others):
        changes[""] = {"done_at": look.at, "outcome": deed.reason.strip()[:512]}
    return changes


def _check_score(session: Session, deed: Deed) -> None:
    if deed.points is None or not 0 <= deed.points <= 100:
        shown = "（没有填）" if deed.points is None else deed.points
        raise WhistleError(f"评分 {shown} 不对：应为 0 到 100 的整数")
    passing = round(read_rules(session).whistle_passing)
    if deed.points < passing and not deed.reason.strip():
        raise WhistleError(f"评分低于 {passing} 分要写明理由")


def _score(look: Look, deed: Deed) -> Changes:
    """The street's score, 0 to 100; a later one takes its place, and the log keeps both."""
    del look
    return {deed.department: {"score": deed.points, "score_note": deed.reason.strip()[:MAX_NOTE]}}


def _withdraw(look: Look, deed: Deed) -> Changes:
    if not deed.reason.strip():
        raise WhistleError("撤回吹哨要写明理由")
    return {"": {"withdrawn": True, "done_at": look.at, "outcome": deed.reason.strip()[:512]}}


_EFFECTS: Final[Mapping[WhistleAct, Callable[[Look, Deed], Changes]]] = {
    WhistleAct.ARRIVE: _arrive,
    WhistleAct.RETURN: _give_back,
    WhistleAct.FINISH: _finish,
    WhistleAct.SCORE: _score,
    WhistleAct.WITHDRAW: _withdraw,
}


def _happened(session: Session, entries: list[WhistleLog], seen_seq: int) -> str:
    zone = zone_of(session)
    said = "；".join(
        f"{one.actor} 于 {one.at.astimezone(zone):%m-%d %H:%M} {WHISTLE_ACT[one.action]}"
        for one in entries
        if one.seq > seen_seq
    )
    return f"这次吹哨刚被他人更新：{said or '请刷新'}。请核对后再办"
