"""Settings of one deployment, read from the environment and nowhere else.

Every setting has a default that works on a machine without network and without services.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

PROJECT_ROOT = Path(__file__).resolve().parent.parent
BASEMAPS: Final = ("none", "pmtiles", "xyz", "tianditu", "amap")
MIN_SECRET: Final = 32
"""Letters of ``ONEMAP_SECRET`` at least."""


class SettingsError(ValueError):
    """An environment variable that makes no sense; the text is for people and names it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a deployment may choose. Field ``x`` is read from ``ONEMAP_X``."""

    var_dir: Path
    """Folder for the database, baked tiles and uploaded files; made when missing."""
    database_url: str
    """SQLAlchemy URL; by default SQLite at ``var_dir/onemap.db``."""
    timezone: ZoneInfo
    """Zone in which days begin and times are shown; storage is always UTC."""
    basemap: str
    """``none``, ``pmtiles``, ``xyz``, ``tianditu`` or ``amap``."""
    basemap_url: str
    """Path of the local PMTiles archive, or URL template of the tile server."""
    basemap_key: str
    """Key of 天地图; Amap's tiles ask for none. A secret: only from the environment."""
    public_url: str = ""
    """Address under which residents reach this server; what QR codes lead to. Without a slash at its end."""
    secret: str = field(default="", repr=False)
    """What tokens are derived from; '' = a file in ``var_dir`` (``data.secret``)."""
    inbox_dir: Path | None = None
    """Watched folder that files are dropped into; None = ``var_dir/inbox``. Use ``inbox``."""

    @property
    def inbox(self) -> Path:
        """The watched folder, with one folder a profile in it."""
        return self.inbox_dir or self.var_dir / "inbox"

    @property
    def tiles_dir(self) -> Path:
        return self.var_dir / "tiles"

    @property
    def attachment_dir(self) -> Path:
        """Files of cases, kept under their SHA-256."""
        return self.var_dir / "attachments"

    @property
    def upload_dir(self) -> Path:
        return self.var_dir / "uploads"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from ``environ`` (the process environment unless given).

    Raises:
        SettingsError: a time zone or a kind of base map that does not exist, or a base map without what it
            needs.
    """
    env = os.environ if environ is None else environ
    var_dir = Path(env.get("ONEMAP_VAR_DIR") or PROJECT_ROOT / "var").resolve()
    basemap = env.get("ONEMAP_BASEMAP") or "none"
    if basemap not in BASEMAPS:
        raise SettingsError(f"设置 ONEMAP_BASEMAP={basemap} 不能用：可写 {'、'.join(BASEMAPS)}。")
    url, key = env.get("ONEMAP_BASEMAP_URL") or "", env.get("ONEMAP_BASEMAP_KEY") or ""
    _check_basemap(basemap, url=url, key=key)
    public_url, secret = (env.get("ONEMAP_PUBLIC_URL") or "").rstrip("/"), env.get("ONEMAP_SECRET") or ""
    _check_public(public_url, secret=secret)
    return Settings(
        var_dir=var_dir,
        database_url=env.get("ONEMAP_DATABASE_URL") or f"sqlite:///{var_dir / 'onemap.db'}",
        timezone=_zone(env.get("ONEMAP_TIMEZONE") or "Asia/Shanghai"),
        basemap=basemap,
        basemap_url=url,
        basemap_key=key,
        public_url=public_url,
        secret=secret,
        inbox_dir=Path(env["ONEMAP_INBOX_DIR"]).resolve() if env.get("ONEMAP_INBOX_DIR") else None,
    )


def _check_public(url: str, *, secret: str) -> None:
    """What is printed on a wall has to lead here for years."""
    address = urlsplit(url)
    plain = address.scheme in {"http", "https"} and url == f"{address.scheme}://{address.netloc}"
    if url and not plain:
        raise SettingsError(
            f"设置 ONEMAP_PUBLIC_URL={url[:100]} 不能用：请填居民能打开的网址，如 https://街道域名，后面不带路径和参数。"
        )
    if secret and len(secret) < MIN_SECRET:
        raise SettingsError(
            f"设置 ONEMAP_SECRET 只有 {len(secret)} 个字符，至少要 {MIN_SECRET} 个："
            "请换一串随机字符，或不设（会自动生成并存在数据文件夹里）。"
        )


def _check_basemap(kind: str, *, url: str, key: str) -> None:
    """A base map without its address or key would stay blank, and nobody would know why."""
    otherwise = "；不要底图请把 ONEMAP_BASEMAP 设为 none。"
    if kind == "pmtiles" and not url:
        raise SettingsError(
            "设置 ONEMAP_BASEMAP=pmtiles 还需要 ONEMAP_BASEMAP_URL："
            f"请填本地底图文件（.pmtiles）的路径{otherwise}"
        )
    if kind == "xyz" and not all(part in url for part in ("{x}", "{y}", "{z}")):
        raise SettingsError(
            f"设置 ONEMAP_BASEMAP=xyz 还需要 ONEMAP_BASEMAP_URL：请填含 {{x}}、{{y}}、{{z}} 的瓦片地址"
            f"（现为“{url[:100]}”）{otherwise}"
        )
    if kind == "tianditu" and not key:
        raise SettingsError(
            f"设置 ONEMAP_BASEMAP=tianditu 还需要 ONEMAP_BASEMAP_KEY：请填在天地图网站申请的密钥{otherwise}"
        )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SettingsError(
            f"设置 ONEMAP_TIMEZONE={name} 不是时区：可写 Asia/Shanghai 这样的名称，不设则为 Asia/Shanghai。"
        ) from error
