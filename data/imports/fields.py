"""Which fields an import of each kind has: name, Chinese label, how the text is read, whether it must be
there.

The labels are the headers of the template files, so a template read back needs no profile of its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from data.vocabulary import BatchKind


class FieldType(StrEnum):
    """How the text of a cell is read. ``KEY`` must keep every digit."""

    TEXT = "text"
    KEY = "key"
    WORD = "word"
    NUMBER = "number"
    MOMENT = "moment"
    ANGLE = "angle"
    WKT = "wkt"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a kind. ``max_length`` is that of the column it fills, 0 where text is not stored as
    such.
    """

    name: str
    label: str
    type: FieldType
    examples: tuple[str, str]
    required: bool = False
    max_length: int = 0


T = FieldType
_WKT_A: Final = "POLYGON ((103.80 30.70, 103.82 30.70, 103.82 30.72, 103.80 30.72, 103.80 30.70))"
_WKT_B: Final = "POLYGON ((103.82 30.70, 103.84 30.70, 103.84 30.72, 103.82 30.72, 103.82 30.70))"
_POSITION: Final = (
    FieldSpec("lon", "经度", T.ANGLE, ("103.8105", "103.8312")),
    FieldSpec("lat", "纬度", T.ANGLE, ("30.7105", "30.7098")),
    FieldSpec("lonlat", "经纬度", T.TEXT, ("", "")),
    FieldSpec("wkt", "WKT", T.WKT, ("", "")),
)

FIELDS: Final[dict[BatchKind, tuple[FieldSpec, ...]]] = {
    BatchKind.DIVISIONS: (
        FieldSpec("code", "区划代码", T.KEY, ("510115001001001", "510115001001002"), True, 18),
        FieldSpec("name", "名称", T.TEXT, ("01网格", "02网格"), True, 64),
        FieldSpec("kind", "网格类型", T.TEXT, ("基础网格", "基础网格"), False, 16),
        FieldSpec("residents", "常住人口", T.NUMBER, ("1024", "986")),
        FieldSpec("households", "户数", T.NUMBER, ("402", "377")),
        FieldSpec("wkt", "边界WKT", T.WKT, (_WKT_A, _WKT_B)),
    ),
    BatchKind.STATIONS: (
        FieldSpec("external_no", "站点编号", T.KEY, ("ZD001", "ZD002"), True, 64),
        FieldSpec("name", "站点名称", T.TEXT, ("示例社区公共服务中心", "示例便民服务站"), True, 128),
        FieldSpec("kind", "站点类型", T.WORD, ("社区公共服务中心", "便民服务站"), True),
        FieldSpec("code", "区划代码", T.KEY, ("510115001001", "510115001001"), False, 18),
        FieldSpec("address", "地址", T.TEXT, ("示例路1号", "示例路8号"), False, 256),
        FieldSpec("phone", "电话", T.TEXT, ("028-00000001", "028-00000002"), False, 32),
        *_POSITION,
        FieldSpec("hours", "开放时间", T.TEXT, ("一-五 08:30-17:30; 六 09:00-12:00", "全天"), False, 256),
        FieldSpec("area_m2", "面积（平方米）", T.NUMBER, ("620", "85")),
        FieldSpec("counters", "窗口数", T.NUMBER, ("6", "1")),
        FieldSpec("staff_count", "工作人员数", T.NUMBER, ("9", "2")),
        FieldSpec("items", "服务事项", T.TEXT, ("社保查询、居住证明", "便民代办")),
        FieldSpec("serves", "服务范围代码", T.TEXT, ("510115001001", "510115001001001、510115001001002")),
        FieldSpec("source", "来源", T.TEXT, ("", ""), False, 32),
    ),
    BatchKind.EVENTS: (
        FieldSpec("external_no", "案件编号", T.KEY, ("SL20261121000001", "SL20261121000002"), True, 64),
        FieldSpec("class", "事件类别", T.WORD, ("市容环境/暴露垃圾", "0104")),
        FieldSpec("class_major", "大类", T.WORD, ("", "")),
        FieldSpec("class_minor", "小类", T.WORD, ("", "")),
        FieldSpec("title", "标题", T.TEXT, ("示例路口有垃圾", "示例路面积水"), False, 128),
        FieldSpec("description", "问题描述", T.TEXT, ("垃圾桶外堆放垃圾", "雨后路面不洁"), False, 2000),
        FieldSpec("address", "地址", T.TEXT, ("示例路1号", "示例路8号"), False, 256),
        FieldSpec("code", "区划代码", T.KEY, ("", "510115001001"), False, 18),
        *_POSITION,
        FieldSpec("urgency", "紧急程度", T.WORD, ("一般", "紧急")),
        FieldSpec("status", "状态", T.WORD, ("处置中", "已结案"), True),
        FieldSpec("department", "责任部门", T.WORD, ("", "")),
        FieldSpec("handler", "经办人", T.TEXT, ("", ""), False, 64),
        FieldSpec("reported_at", "上报时间", T.MOMENT, ("2026-11-21 08:30", "2026-11-20 17:05"), True),
        FieldSpec("arrived_at", "到场时间", T.MOMENT, ("", "2026-11-20 17:20")),
        FieldSpec("due_at", "截止时间", T.MOMENT, ("2026-11-22 08:30", "")),
        FieldSpec("ended_at", "结案时间", T.MOMENT, ("", "2026-11-21 09:10")),
        FieldSpec("in_time", "是否按期", T.WORD, ("", "")),
        FieldSpec("supervised", "是否督办", T.WORD, ("否", "是")),
        FieldSpec("source", "来源", T.WORD, ("网格巡查", "居民扫码"), False, 32),
    ),
    BatchKind.DEPARTMENTS: (
        FieldSpec("code", "部门代码", T.KEY, ("D01", "D02"), True, 32),
        FieldSpec("name", "部门名称", T.TEXT, ("示例综合执法局", "示例住建局"), True, 64),
        FieldSpec("kind", "部门类型", T.TEXT, ("区级部门", "区级部门"), False, 32),
        FieldSpec("phone", "电话", T.TEXT, ("028-00000003", "028-00000004"), False, 32),
    ),
    BatchKind.EVENT_CLASSES: (
        FieldSpec("code", "类别代码", T.KEY, ("0102", "0104"), True, 16),
        FieldSpec("major", "大类", T.TEXT, ("市容环境", "市容环境"), True, 32),
        FieldSpec("minor", "小类", T.TEXT, ("暴露垃圾", "道路不洁"), True, 64),
        FieldSpec("department", "默认部门", T.WORD, ("", "")),
        FieldSpec("urgency", "紧急程度", T.WORD, ("一般", "一般")),
        FieldSpec("limit_hours", "时限（小时）", T.NUMBER, ("4", "2")),
        FieldSpec("clock_type", "计时方式", T.WORD, ("工作时", "工作时")),
        FieldSpec("closing_condition", "结案条件", T.TEXT, ("垃圾清理干净", "路面清扫干净"), False, 256),
    ),
    BatchKind.STAFF: (
        FieldSpec("external_no", "人员编号", T.KEY, ("RY001", "RY002"), True, 64),
        FieldSpec("name", "姓名", T.TEXT, ("网格员·示例01", "社区书记·示例02"), True, 64),
        FieldSpec("post", "岗位", T.TEXT, ("网格员", "社区书记"), True, 32),
        FieldSpec("division_code", "负责区划代码", T.KEY, ("510115001001001", "510115001001"), False, 18),
        FieldSpec("department", "所属部门", T.WORD, ("", "")),
        FieldSpec("phone", "电话", T.TEXT, ("", ""), False, 32),
        FieldSpec("source", "来源", T.TEXT, ("", ""), False, 32),
    ),
    BatchKind.DISPATCH_RULES: (
        FieldSpec("class", "类别", T.WORD, ("0102", "市容环境")),
        FieldSpec("area", "区域", T.WORD, ("", "510115001")),
        FieldSpec("department", "责任部门", T.WORD, ("D01", "D02"), True),
        FieldSpec("limit_hours", "处置时限（小时）", T.NUMBER, ("4", "")),
        FieldSpec("clock_type", "计时方式", T.WORD, ("工作时", "")),
        FieldSpec("respond_hours", "响应时限（小时）", T.NUMBER, ("0.5", "")),
        FieldSpec("note", "说明", T.TEXT, ("示例规则", "示例：时限按类别"), False, 512),
    ),
    BatchKind.LIST_ITEMS: (
        FieldSpec("list_type", "清单", T.WORD, ("负面清单", "购买服务清单"), True),
        FieldSpec("external_no", "条目编号", T.KEY, ("负01", "购01"), True, 64),
        FieldSpec("text", "事项", T.TEXT, ("示例：执法事项不得下派", "示例：背街小巷保洁"), True, 512),
        FieldSpec("class", "类别", T.WORD, ("0102", "")),
        FieldSpec("area", "区域", T.WORD, ("", "")),
        FieldSpec("level", "不得下派到", T.WORD, ("街道", "")),
        FieldSpec("review_stage", "审议环节", T.WORD, ("公示", "一报")),
        FieldSpec("basis", "依据", T.TEXT, ("示例文件第 1 号", ""), False, 512),
        FieldSpec("source", "来源", T.TEXT, ("", ""), False, 20),
    ),
    BatchKind.SERVICE_ITEMS: (
        FieldSpec("external_no", "事项编号", T.KEY, ("办01", "办02"), True, 64),
        FieldSpec("name", "服务事项", T.TEXT, ("示例：居住证明", "示例：老年助餐登记"), True, 128),
        FieldSpec("content", "具体内容", T.TEXT, ("开具证明", "登记助餐需求"), False, 1000),
        FieldSpec("undertaker", "承接主体", T.TEXT, ("社区公共服务中心", "社区公共服务中心"), False, 128),
        FieldSpec("requirements", "服务要求", T.TEXT, ("当场办结", "按时送达"), False, 1000),
        FieldSpec("materials", "相关材料", T.TEXT, ("身份证件", "身份证件"), False, 1000),
        FieldSpec("mode", "办理方式", T.WORD, ("立即办", "承诺办")),
        FieldSpec("limit_days", "承诺时限（工作日）", T.NUMBER, ("", "3")),
        FieldSpec("source", "来源", T.TEXT, ("", ""), False, 32),
    ),
}


def specs(kind: BatchKind) -> dict[str, FieldSpec]:
    """The fields of a kind by name, in the order of the template. Raises ``KeyError`` for the demo."""
    return {spec.name: spec for spec in FIELDS[kind]}


def labels(kind: BatchKind, names: Iterable[str]) -> str:
    """Field names as a Chinese list."""
    known = specs(kind)
    return "、".join(known[name].label for name in names)
