"""One step of the way in: template, file, profile, coordinate system; hands the file to the preview."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from dashboard import context
from dashboard.markup import div, el, show, span
from dashboard.panels.import_steps import Step
from dashboard.panels.messages import show_refusal
from dashboard.state import Screen
from dashboard.uploads import keep_upload
from data.imports import (
    ImportProblem,
    Profile,
    list_profiles,
    profile_from_columns,
    save_profile,
    template,
    template_name,
)
from data.imports.fields import specs
from data.imports.header import match_columns
from data.imports.readers import read_headers
from data.vocabulary import BatchKind
from geo.crs import all_systems

_LOCATED: Final = frozenset({BatchKind.DIVISIONS, BatchKind.STATIONS, BatchKind.EVENTS})
_MIME: Final = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
NO_COLUMN: Final = "（没有这一列）"


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """A file with everything needed to read it."""

    path: Path
    digest: str
    profile: Profile


def show_file_step(screen: Screen, step: Step) -> Chosen | None:
    """What the step needs, and the choices; None until a file is there and readable under a profile."""
    show(
        div(
            el("h2", step.name, cls="om-page-title"),
            el("p", step.purpose),
            el("p", step.needs, cls="om-note"),
        )
    )
    _templates(step)
    uploaded = st.file_uploader(
        "上传文件",
        key=f"om_file_{step.kind}",
        label_visibility="collapsed",
        max_upload_size=200,
    )
    show(el("p", "可用 CSV、XLSX、GeoJSON、GeoPackage、Shapefile（.zip），最大 200 MB。编码自动识别。",
            cls="om-note"))  # fmt: skip
    if uploaded is None:
        return None
    data = uploaded.getvalue()
    digest = hashlib.sha256(data).hexdigest()
    path = keep_upload(screen.settings.upload_dir, name=uploaded.name, data=data, digest=digest)
    profile = _profile(screen, step, path)
    return None if profile is None else Chosen(path=path, digest=digest, profile=profile)


def _templates(step: Step) -> None:
    with st.container(horizontal=True, key="om-templates"):
        for fmt, name in (("xlsx", "下载 Excel 模板"), ("csv", "下载 CSV 模板")):
            st.download_button(
                name,
                data=template(step.kind, fmt),
                file_name=template_name(step.kind, fmt),
                mime=_MIME[fmt],
                key=f"om_template_{step.kind}_{fmt}",
                on_click="ignore",
            )


def _profile(screen: Screen, step: Step, path: Path) -> Profile | None:
    profiles = list_profiles(settings=screen.settings, kind=step.kind)
    titles = {profile.name: profile.title for profile in profiles}
    left, right = st.columns(2)
    name = left.selectbox(
        "接入方案",
        list(titles),
        index=list(titles).index(_fitting(profiles, path)),
        format_func=lambda key: titles[key],
        key=f"om_profile_{step.kind}_{path.parent.name}",
        help="方案说明来源文件的哪一列是什么、状态怎样对应、坐标是哪一种。",
    )
    profile = next(profile for profile in profiles if profile.name == name)
    if step.kind in _LOCATED:
        systems = {"": "按方案或文件自带"} | {system.value: system.label for system in all_systems()}
        system = right.selectbox(
            "坐标系", list(systems), format_func=lambda key: systems[key], key=f"om_crs_{step.kind}"
        )
        if system:
            profile = profile.changed(crs=system)
    with st.expander("逐列选定（表头与方案不同时）"):
        picked = _pick_columns(profile, path)
    return picked or profile


@st.cache_data(max_entries=20, show_spinner=False, hash_funcs={Profile: repr})
def _headers(path: str, row: int, base: Profile) -> list[str]:
    """Headers in one row of an upload; uploads are named by their content, so they never change."""
    return read_headers(Path(path), base, header_row=row)


def _fitting(profiles: list[Profile], path: Path) -> str:
    """The profile that knows most columns of the first row; the generic one where none stands out."""
    ordered = sorted(profiles, key=lambda profile: not profile.name.startswith("generic"))
    try:
        headers = _headers(str(path), 1, ordered[0])
    except ImportProblem:
        return ordered[0].name
    return max(ordered, key=lambda profile: len(match_columns(headers, profile))).name


def _pick_columns(base: Profile, path: Path) -> Profile | None:
    """A profile of the person's own: which column of this file is which field."""
    row = int(st.number_input("表头在第几行", 1, 20, 1, key=f"om_header_{base.kind}"))
    try:
        headers = _headers(str(path), row, base)
    except ImportProblem:
        show(span(f"第 {row} 行读不出表头。", cls="om-note"))  # the preview below says what is wrong
        return None
    known = {header: header for header in headers}
    options = ["", *headers]
    columns: dict[str, str] = {}
    cells = st.columns(3)
    for position, (name, spec) in enumerate(specs(base.kind).items()):
        guess = next((known[each] for each in base.columns.get(name, ()) if each in known), "")
        columns[name] = cells[position % 3].selectbox(
            spec.label + ("（必需）" if spec.required else ""),
            options,
            index=options.index(guess),
            format_func=lambda header: header or NO_COLUMN,
            key=f"om_column_{base.kind}_{name}_{row}",
        )
    title = st.text_input(
        "方案名称", max_chars=40, key=f"om_profile_name_{base.kind}", placeholder="例如：本街道工单导出"
    )
    use = st.toggle("用这里选定的列", key=f"om_use_columns_{base.kind}")
    if not use:
        return None
    try:
        own = profile_from_columns(name=title or "own_columns", title=title, base=base, columns=columns)
        own = own.changed(header_row=row) if row > 1 else own
        if title and st.button("保存为方案", key=f"om_save_{base.kind}"):
            save_profile(own, settings=context.settings())
            st.toast(f"已保存方案“{title}”，下次可直接选用。")
    except ImportProblem as error:
        show_refusal("还不能用", str(error))
        return None
    show(span("已按这里选定的列读取。", cls="om-note"))
    return own
