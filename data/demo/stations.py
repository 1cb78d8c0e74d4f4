"""Invented service stations of the demo district: capacity, not icons.

Kinds and sizes follow public practice: a street centre of 800 m² and more, a community centre of 600 m² and
more; some stay below, so that the shortfall can be seen. Addresses are those of ``places``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from data.demo import facts
from data.demo.places import Place
from data.vocabulary import StationKind

_SERVICES: Final = (
    "社会保险参保登记", "城乡居民医保缴费", "异地就医备案", "养老待遇资格认证", "高龄津贴申请",
    "老年助餐登记", "残疾人证办理协助", "低保申请受理", "临时救助受理", "就业失业登记",
    "灵活就业补贴申请", "流动人口居住登记", "居住证明开具", "生育服务登记", "退役军人优待证受理",
    "公租房申请受理", "法律援助咨询", "矛盾纠纷调解",
)  # fmt: skip
_PARTY: Final = ("党员报到", "组织关系接转", "志愿服务登记", "议事协商")
_SOCIAL: Final = ("个案帮扶", "心理疏导", "儿童课后服务", "独居老人关爱", "社会组织孵化")
_REST: Final = ("饮水休息", "手机充电", "应急药箱", "图书借阅")
_MICRO: Final = (
    ("微文化", "书画活动"), ("微课堂", "四点半课堂"), ("微餐桌", "老年助餐"), ("微志愿", "志愿服务"),
)  # fmt: skip
_MACHINE: Final = ("社保查询打印", "医保缴费", "居住证签注", "水电气缴费")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a kind is equipped: ranges are (low, high), both reached."""

    title: str
    hours: tuple[str, ...]
    area_m2: tuple[int, int]
    counters: tuple[int, int]
    staff: tuple[int, int]
    items: tuple[str, ...]
    items_offered: int


_PLANS: Final = {
    StationKind.STREET_CENTRE: Plan(
        "便民服务中心", ("一-五 08:30-17:30; 六 09:00-12:00",), (780, 1650), (8, 14), (16, 32), _SERVICES, 18
    ),
    StationKind.COMMUNITY_CENTRE: Plan(
        "公共服务中心",
        ("一-五 08:30-17:30; 六 09:00-12:00", "一-日 08:30-17:30", "一-五 09:00-18:00; 六 09:00-12:00"),
        (420, 1180), (2, 6), (5, 12), _SERVICES, 11,
    ),
    StationKind.SERVICE_STATION: Plan(
        "便民服务站", ("一-五 09:00-17:00", "一-六 09:00-17:30"), (80, 260), (1, 2), (2, 4), _SERVICES, 5
    ),
    StationKind.SOCIAL_WORK: Plan(
        "社会工作站", ("一-五 09:00-18:00",), (120, 420), (1, 2), (3, 7), _SOCIAL, 4
    ),
    StationKind.SERVICE_POINT: Plan(
        "办事点", ("一-五 09:00-12:00 14:00-17:00",), (40, 120), (1, 2), (2, 4), _SERVICES, 4
    ),
    StationKind.PARTY_CENTRE: Plan(
        "党群服务中心", ("一-日 09:00-20:00",), (300, 900), (1, 3), (4, 9), _PARTY, 4
    ),
    StationKind.RED_STATION: Plan("红色驿站", ("一-日 07:00-21:00",), (25, 90), (0, 0), (1, 2), _REST, 4),
    StationKind.MICRO_POINT: Plan(
        "微服务点", ("二-日 09:00-11:30 14:30-19:00",), (30, 140), (0, 0), (1, 3), (), 0
    ),
    StationKind.SELF_SERVICE: Plan("24小时自助终端", ("全天",), (6, 20), (1, 3), (0, 0), _MACHINE, 4),
}  # fmt: skip


def build_stations(places: Sequence[Place], *, seed: int) -> list[dict[str, Any]]:
    """Fields of about 150 stations; ``items`` and ``serves`` are lists, ``code`` is the grid's."""
    rng = np.random.default_rng([seed, 31])
    names = {street.code: street.name for street in facts.streets()} | dict(facts.communities())
    homes: dict[str, list[Place]] = {}
    for place in places:
        if place.kind == "road":
            homes.setdefault(place.code[:12], []).append(place)
            homes.setdefault(place.code[:9], []).append(place)
    sites = _sites([code for code, _ in facts.communities()], [street.code for street in facts.streets()])
    stations = []
    for number, (kind, area) in enumerate(sites, start=1):
        place = homes[area][int(rng.integers(len(homes[area])))]
        stations.append(_station(number, kind, names[area], area, place, rng))
    return stations


def _sites(communities: list[str], streets: list[str]) -> list[tuple[StationKind, str]]:
    """(kind, area that it serves): centres for every street and community, other kinds here and there."""
    sites = [(StationKind.STREET_CENTRE, street) for street in streets]
    sites += [(StationKind.COMMUNITY_CENTRE, community) for community in communities]
    sites += [(StationKind.PARTY_CENTRE, street) for street in streets]
    spread: tuple[tuple[StationKind, int, int], ...] = (
        (StationKind.SERVICE_STATION, 12, 5), (StationKind.SELF_SERVICE, 12, 2),
        (StationKind.RED_STATION, 14, 7), (StationKind.MICRO_POINT, 14, 3),
        (StationKind.SOCIAL_WORK, 19, 9), (StationKind.SERVICE_POINT, 19, 13),
    )  # fmt: skip
    for kind, step, first in spread:
        sites += [(kind, community) for community in communities[first::step]]
    return sites


def _station(
    number: int, kind: StationKind, area_name: str, area: str, place: Place, rng: np.random.Generator
) -> dict[str, Any]:
    plan = _PLANS[kind]
    draw: Callable[[tuple[int, int]], int] = lambda span: int(rng.integers(span[0], span[1] + 1))  # noqa: E731
    title, items = plan.title, list(plan.items)
    if kind is StationKind.MICRO_POINT:
        title, activity = _MICRO[int(rng.integers(len(_MICRO)))]
        title, items = f"{title}服务点", [activity]
    elif plan.items_offered < len(items):
        kept = np.sort(rng.permutation(len(items))[: plan.items_offered])
        items = [items[int(k)] for k in kept]
    return {
        "external_no": f"ZD{number:04d}",
        "kind": kind.value,
        "name": f"{area_name}{title}",
        "code": place.code,
        "address": place.address,
        "phone": f"028-0000-{1000 + number}",
        "lon": place.lon,
        "lat": place.lat,
        "hours": plan.hours[int(rng.integers(len(plan.hours)))],
        "area_m2": float(draw(plan.area_m2)),
        "counters": draw(plan.counters),
        "staff_count": draw(plan.staff),
        "items": items,
        "serves": [area],
    }
