"""Mapping profiles: how the columns and words of one source become ours. TOML, one file a source.

.. code-block:: toml

    title = "12345 工单导出"
    kind = "events"            # divisions, stations, events, departments, event_classes, staff
    source = "12345"           # constant source key; a `source` column overrules it
    crs = "gcj02"              # as geo.crs.parse_system reads it; "" = what the file says, else CGCS2000
    timezone = "Asia/Shanghai"
    encoding = "auto"          # auto, utf-8, gb18030
    swapped = "reject"         # rows with longitude and latitude exchanged: reject or mend
    number_prefix = ""         # put before every external number
    date_formats = []          # strptime formats tried before the built-in ones
    header_row = 0             # 0: found by itself in the first ten rows
    sheet = ""                 # worksheet or layer; "" = the first that has the columns
    [columns]                  # field = accepted headers, the first that exists is taken
    [values.status]            # field = { word in the file = our word }
    [constants]                # field = value for every row
    [fallback]                 # field = value where the file's word is not known (or empty)
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from data.imports.errors import FileProblem, ProfileProblem
from data.imports.fields import FIELDS, labels, specs
from data.imports.profile_types import check_types
from data.settings import Settings
from data.vocabulary import BatchKind
from geo.crs import CoordinateSystem, parse_system
from geo.errors import UnknownCoordinateSystem

SHIPPED_DIR: Final = Path(__file__).parent / "profiles"
_TABLES: Final = ("columns", "values", "constants", "fallback")
_NAME: Final = re.compile(r"[\w\-]{1,64}")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """How one source is read; see the module's text for what each field means."""

    name: str
    title: str
    kind: BatchKind
    columns: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    fallback: Mapping[str, str] = field(default_factory=dict)
    source: str = ""
    number_prefix: str = ""
    crs: str = ""
    timezone: str = "Asia/Shanghai"
    encoding: str = "auto"
    swapped: str = "reject"
    date_formats: tuple[str, ...] = ()
    header_row: int = 0
    sheet: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def system(self, declared: str = "") -> CoordinateSystem:
        """The system of this profile, else the one that the file declares, else CGCS2000."""
        return parse_system(self.crs or declared or "cgcs2000")

    def changed(self, **changes: Any) -> Profile:
        """A profile with some fields replaced, checked again."""
        return check_profile(replace(self, **changes))


def plain_header(text: str) -> str:
    """A header without what people vary: width, case, spaces, and a unit or note in brackets is kept."""
    return re.sub(r"[\s:*]+", "", unicodedata.normalize("NFKC", text)).lower()


def load_profile(name_or_path: str | Path, *, settings: Settings | None = None) -> Profile:
    """A profile by the path of its TOML file, or by name: the deployment's own first, then the shipped ones.

    Raises:
        ProfileProblem: there is none of this name, or it cannot be used; says what and how to mend it.
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        folders = [own_dir(settings)] if settings else []
        found = [folder / f"{name_or_path}.toml" for folder in (*folders, SHIPPED_DIR)]
        path = next((candidate for candidate in found if _is_file(candidate)), found[-1])
    if not _is_file(path):
        known = "、".join(profile.name for profile in list_profiles(settings=settings))
        raise ProfileProblem(
            f"没有名为“{str(name_or_path)[:100]}”的接入方案：可用的有 {known}，或给出 .toml 文件的路径。"
        )
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ProfileProblem(f"接入方案“{path.name}”读不了（{error.strerror}）：请检查读取权限。") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileProblem(
            f"接入方案“{path.name}”不是正确的 TOML{_line_of(error)}：请对照随附的方案修改。"
        ) from error
    return profile_from_data(path.stem, data)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have
        return False


def _line_of(error: Exception) -> str:
    found = re.search(r"at line (\d+)", str(error))
    return f"（第 {found[1]} 行）" if found else ""


def list_profiles(*, settings: Settings | None = None, kind: BatchKind | None = None) -> list[Profile]:
    """All profiles that can be used: the deployment's own overrule shipped ones of the same name.

    One broken file must not keep a person from the others: ``unusable_profiles`` names it.
    """
    found = {path.stem: load_profile(path) for path in sorted(SHIPPED_DIR.glob("*.toml"))}
    for path in _own_files(settings) if settings else []:
        with suppress(ProfileProblem):
            found[path.stem] = load_profile(path)
    return [profile for profile in found.values() if kind is None or profile.kind is kind]


def unusable_profiles(settings: Settings) -> list[ProfileProblem]:
    """What is wrong with each of the deployment's own files that is no profile."""
    found = []
    for path in _own_files(settings):
        try:
            load_profile(path)
        except ProfileProblem as problem:
            found.append(problem)
    return found


def _own_files(settings: Settings) -> list[Path]:
    folder = own_dir(settings)
    return [path for path in sorted(folder.glob("*.toml")) if path.is_file()] if folder.is_dir() else []


def own_dir(settings: Settings) -> Path:
    """Where profiles made in the page are kept."""
    return settings.var_dir / "profiles"


def profile_from_data(name: str, data: Mapping[str, Any]) -> Profile:
    """A checked profile from parsed TOML."""
    unknown = set(data) - {*Profile.__dataclass_fields__}
    if unknown:
        raise ProfileProblem(f"接入方案“{name}”有不认识的项 {'、'.join(sorted(unknown))}：请删去或改正拼写。")
    check_types(name, data)
    if data.get("kind") not in FIELDS:
        kinds = "、".join(FIELDS)
        raise ProfileProblem(f"接入方案“{name}”的 kind = “{data.get('kind', '')}” 不能接入：可写 {kinds}。")
    try:
        kind = BatchKind(data.get("kind", ""))
        tables: dict[str, Any] = {table: dict(data.get(table, {})) for table in _TABLES}
        plain: dict[str, Any] = {
            key: value for key, value in data.items() if key not in (*_TABLES, "kind", "name")
        }
        columns = {
            key: (value,) if isinstance(value, str) else tuple(str(item) for item in value)
            for key, value in tables.pop("columns").items()
        }
        plain["date_formats"] = tuple(plain.get("date_formats", ()))
        profile = Profile(name=name, **{"title": name, **plain}, kind=kind, columns=columns, **tables)
    except (ValueError, TypeError) as error:
        raise ProfileProblem(f"接入方案“{name}”不能用：某一项的类型不对。请对照随附的方案修改。") from error
    return check_profile(profile)


def check_profile(profile: Profile) -> Profile:
    """The same profile, or what is wrong with it."""
    name = profile.name
    known = specs(profile.kind)
    used = {*profile.columns, *profile.values, *profile.constants, *profile.fallback}
    if used - set(known):
        raise ProfileProblem(
            f"接入方案“{name}”有不认识的字段 {'、'.join(sorted(used - set(known)))}："
            f"可用的是 {'、'.join(known)}。"
        )
    given = {*profile.columns, *profile.constants, *profile.fallback}
    missing = [s.name for s in known.values() if s.required and s.name not in given]
    if missing:
        raise ProfileProblem(
            f"接入方案“{name}”没有指明 {labels(profile.kind, missing)} 是哪一列：请在 [columns] 中补上。"
        )
    if profile.swapped not in ("reject", "mend"):
        raise ProfileProblem(
            f"接入方案“{name}”的 swapped = “{profile.swapped}” 不对：只能写 reject 或 mend。"
        )
    _check_environment(profile)
    return profile


def _check_environment(profile: Profile) -> None:
    from data.imports.decode import normal_name

    try:
        profile.system()
        normal_name(profile.encoding)
        ZoneInfo(profile.timezone)
    except (UnknownCoordinateSystem, FileProblem) as error:
        raise ProfileProblem(f"接入方案“{profile.name}”：{error}") from error
    except (KeyError, ValueError, OSError) as error:
        raise ProfileProblem(
            f"接入方案“{profile.name}”的时区“{profile.timezone}”不存在：可写 Asia/Shanghai 这样的名称。"
        ) from error


def profile_from_columns(
    *, name: str, title: str, base: Profile, columns: Mapping[str, str], **changes: Any
) -> Profile:
    """A profile made by picking a column for each field in the page; words are taken from ``base``.

    ``columns`` maps our field names to headers of the file; an empty header leaves the field out.

    Raises:
        ProfileProblem: the name cannot be a file's, or a needed field has no column.
    """
    if not _NAME.fullmatch(name):
        raise ProfileProblem(
            f"方案名称“{name}”不能用作文件名：请只用汉字、字母、数字、下划线和短横，最长 64 字。"
        )
    chosen = {key: (header,) for key, header in columns.items() if header}
    return base.changed(name=name, title=title or name, columns=chosen, header_row=0, **changes)


def save_profile(profile: Profile, *, settings: Settings) -> Path:
    """Write a profile to the deployment's own folder; returns its path."""
    if not _NAME.fullmatch(profile.name):
        raise ProfileProblem(
            f"方案名称“{profile.name}”不能用作文件名：请只用汉字、字母、数字、下划线和短横。"
        )
    folder = own_dir(settings)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{profile.name}.toml"
    path.write_text(to_toml(profile), encoding="utf-8")
    return path


def to_toml(profile: Profile) -> str:
    """The TOML text that reads back as this profile."""
    lines = [f"title = {_quoted(profile.title)}", f"kind = {_quoted(profile.kind.value)}"]
    for key in ("source", "number_prefix", "crs", "timezone", "encoding", "swapped", "sheet"):
        lines.append(f"{key} = {_quoted(getattr(profile, key))}")
    lines += [
        f"header_row = {profile.header_row}",
        f"date_formats = {_array(profile.date_formats)}",
        "",
        "[columns]",
    ]
    lines += [f"{key} = {_array(headers)}" for key, headers in profile.columns.items()]
    for title, table in (("constants", profile.constants), ("fallback", profile.fallback)):
        lines += ["", f"[{title}]", *(f"{key} = {_quoted(value)}" for key, value in table.items())]
    for key, words in profile.values.items():
        lines += [
            "",
            f"[values.{key}]",
            *(f"{_quoted(word)} = {_quoted(ours)}" for word, ours in words.items()),
        ]
    return "\n".join(lines) + "\n"


def _array(items: tuple[str, ...]) -> str:
    return "[" + ", ".join(_quoted(item) for item in items) + "]"


def _quoted(text: str) -> str:
    """A TOML basic string."""
    marks = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
    return (
        '"'
        + "".join(
            marks.get(char, char if char >= " " and char != "\x7f" else f"\\u{ord(char):04x}")
            for char in text
        )
        + '"'
    )
