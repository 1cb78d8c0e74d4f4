"""A 12345 work-order export as hotlines hand it over: 26 columns, most of which nobody needs; invented.

No resident in it: what a real export says about the caller is left out, as a street should ask for it.
Titles and contents (60 to 200 characters) are put together from stock phrases, so lengths and repeats are
those of real orders and nothing is anybody's words. Coordinates are GCJ-02, as the shipped profile
``workorder_12345`` expects. Nine in ten orders are closed, one in ten is still being handled.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import Engine

from bench.dataset import Dataset
from bench.our_data import bring_in, write_csv
from data.settings import Settings
from data.vocabulary import BatchKind
from geo.gcj02 import gcj02_from_cgcs2000

PROFILE: Final = "workorder_12345"
COLUMNS: Final = (
    "工单编号", "来电时间", "受理渠道", "诉求类型", "一级分类", "二级分类", "三级分类", "诉求标题",
    "诉求内容", "问题地址", "经度", "纬度", "紧急程度", "工单状态", "承办单位", "协办单位", "派单时间",
    "签收时间", "办理时限", "办结时间", "办理结果", "回访时间", "满意度", "是否督办", "是否重办", "录入批次",
)  # fmt: skip
_CHANNELS: Final = ("电话", "网站", "微信小程序", "APP", "领导信箱")
_KINDS: Final = ("投诉", "求助", "建议", "咨询")
_MAJORS: Final = ("市容环境", "施工管理", "公用设施", "环境保护", "停车管理", "物业管理")
_MINORS: Final = ("暴露垃圾", "占道经营", "噪音扰民", "设施破损", "积水内涝", "乱停乱放")
_OFFICES: Final = tuple(f"示例单位{number:02d}" for number in range(1, 25))
_PARTS: Final = (
    "反映该处长期无人处理，", "已多次拨打电话仍未解决，", "夜间十点以后情况更加严重，",
    "周边居民出行很不方便，", "雨天路面湿滑存在安全隐患，", "占用了人行道和盲道，",
    "味道较大影响开窗通风，", "据了解此前曾整改过一次，", "希望相关部门尽快到现场核实，",
    "请告知负责单位和办结时间，", "同一地点上月也出现过类似问题，",
)  # fmt: skip
_RESULTS: Final = ("已到现场处理完毕并告知。", "已责成责任单位整改，次日复查合格。", "经核实不属实，已说明。")
_MOODS: Final = ("满意", "基本满意")
_LOCAL: Final = ZoneInfo("Asia/Shanghai")


def bring_in_lists(engine: Engine, settings: Settings, folder: Path) -> None:
    """The classes and offices that the orders name."""
    classes = folder / "order_classes.csv"
    header = ("类别代码", "大类", "小类", "紧急程度", "时限（小时）", "计时方式")
    pairs = [(major, minor) for major in _MAJORS for minor in _MINORS]
    write_csv(classes, header, [(f"9{n:03d}", *pair, "一般", "72", "工作时") for n, pair in enumerate(pairs)])
    bring_in(engine, settings, classes, BatchKind.EVENT_CLASSES)
    offices = folder / "offices.csv"
    write_csv(offices, ("部门代码", "部门名称"), [(f"S{n:02d}", name) for n, name in enumerate(_OFFICES)])
    bring_in(engine, settings, offices, BatchKind.DEPARTMENTS)


def work_orders(dataset: Dataset, *, count: int, first: int, days: int) -> Iterator[tuple[object, ...]]:
    """``count`` orders of the last ``days`` days as rows of ``COLUMNS``, in the order of their reports."""
    rng = random.Random(first)
    now = datetime.now(UTC)
    places = dataset.events
    lon, lat = gcj02_from_cgcs2000(
        np.array([place["lon"] for place in places]), np.array([place["lat"] for place in places])
    )
    xy = list(zip(lon.round(6).tolist(), lat.round(6).tolist(), strict=True))
    for number in range(count):
        share = (count - number) / count
        reported = now - timedelta(days=days) * share
        yield _order(rng, first + number, reported, is_open=share < 0.1, place=xy[number % len(xy)])


def _order(
    rng: random.Random, number: int, reported: datetime, *, is_open: bool, place: tuple[float, float]
) -> tuple[object, ...]:
    minor = rng.choice(_MINORS)
    road = f"示例路{rng.randint(1, 300)}号"
    content = f"来电人反映{road}附近存在{minor}的情况，" + "".join(rng.sample(_PARTS, rng.randint(3, 11)))
    ended = reported + timedelta(hours=rng.uniform(2, 90))
    done = ("", "", "", "") if is_open else (
        _spelled(ended), rng.choice(_RESULTS), _spelled(ended + timedelta(days=1)), rng.choice(_MOODS),
    )  # fmt: skip
    end, result, called_back, mood = done
    return (
        f"RX{reported:%Y%m%d}{number:08d}", _spelled(reported), rng.choice(_CHANNELS), rng.choice(_KINDS),
        rng.choice(_MAJORS), minor, f"{minor}（其他）", f"{road}{minor}问题", content[:200],
        f"示例街道示例社区{road}", place[0], place[1], rng.choice(("一般", "一般", "紧急")),
        "办理中" if is_open else "已办结", rng.choice(_OFFICES), rng.choice(("", *_OFFICES[:3])),
        _spelled(reported + timedelta(minutes=20)), _spelled(reported + timedelta(hours=1)),
        _spelled(reported + timedelta(hours=72)), end, result, called_back, mood,
        rng.choice(("否", "否", "否", "是")), rng.choice(("否", "否", "是")), f"{reported:%Y%m}",
    )  # fmt: skip


def _spelled(moment: datetime) -> str:
    return moment.astimezone(_LOCAL).strftime("%Y-%m-%d %H:%M:%S")
