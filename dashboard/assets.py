"""Front-end files that this server hands out itself, so that no browser ever asks another machine.

Two kinds live under ``dashboard/static``: our own ``*.js`` and ``*.css`` (in the repository) and third-party
files under ``vendor/`` (fetched by ``make assets``, recorded in ``vendor/manifest.json`` with their SHA-256).
Both are named by their path below ``dashboard/static`` and served at ``/onemap/assets/<version>/<name>``.

Only the standard library is imported here: set-up runs this file before anything is installed.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

STATIC_DIR = Path(__file__).resolve().parent / "static"
URL_ROOT = "/onemap/assets"
MANIFEST_NAME = "vendor/manifest.json"
VERSION_LENGTH = 12

# Name below dashboard/static → where the npm package holds it below node_modules.
VENDOR_FILES: dict[str, str] = {
    "vendor/leaflet/leaflet.js": "leaflet/dist/leaflet.js",
    "vendor/leaflet/leaflet.css": "leaflet/dist/leaflet.css",
    "vendor/leaflet/images/layers.png": "leaflet/dist/images/layers.png",
    "vendor/leaflet/images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "vendor/leaflet/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "vendor/leaflet/images/marker-icon-2x.png": "leaflet/dist/images/marker-icon-2x.png",
    "vendor/leaflet/images/marker-shadow.png": "leaflet/dist/images/marker-shadow.png",
    "vendor/leaflet/LICENSE": "leaflet/LICENSE",
    "vendor/protomaps-leaflet/protomaps-leaflet.js": "protomaps-leaflet/dist/protomaps-leaflet.js",
    "vendor/protomaps-leaflet/LICENSE": "protomaps-leaflet/LICENSE",
}


class AssetMissing(RuntimeError):
    """A front-end file is absent or not the one that was fetched. The message is for people (Chinese)."""

    def __init__(
        self, *, name: str, problem: str, remedy: str = "请在项目目录运行 make assets 重新获取"
    ) -> None:
        super().__init__(f"前端文件 {name} {problem}。{remedy}，然后重新启动。")
        self.name = name


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_manifest(*, static_dir: Path, lock_sha256: str) -> None:
    """Record the SHA-256 of every vendor file below ``static_dir``, and of the lock that they came from."""
    files = {name: sha256_of(static_dir / name) for name in sorted(VENDOR_FILES)}
    text = json.dumps({"lock_sha256": lock_sha256, "files": files}, indent=2) + "\n"
    (static_dir / MANIFEST_NAME).write_text(text, encoding="utf-8")


def read_manifest(*, static_dir: Path = STATIC_DIR) -> dict[str, str]:
    """Vendor file name → SHA-256 as fetched.

    Raises AssetMissing when there is no manifest, or one that does not list every file this version needs.
    """
    path = static_dir / MANIFEST_NAME
    try:
        files: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))["files"]
    except FileNotFoundError as error:
        raise AssetMissing(name=MANIFEST_NAME, problem="不存在，前端文件尚未获取") from error
    except (ValueError, KeyError, TypeError) as error:
        raise AssetMissing(name=MANIFEST_NAME, problem="已损坏，无法读取") from error
    for name in VENDOR_FILES:
        if name not in files:
            raise AssetMissing(name=name, problem="不在清单中，清单是旧版本的")
    return files


def check_assets(*, static_dir: Path = STATIC_DIR) -> None:
    """Make sure at start that every vendor file is there, byte for byte as fetched.

    streamlit-folium shows a blank map for ever when one of them fails to load, hence the check beforehand.
    Raises AssetMissing, naming the first file at fault.
    """
    for name, expected in read_manifest(static_dir=static_dir).items():
        path = static_dir / name
        if not path.is_file():
            raise AssetMissing(name=name, problem="不存在")
        if sha256_of(path) != expected:
            raise AssetMissing(name=name, problem="内容与清单不符，可能被改动或没有下载完整")


def asset_path(name: str, *, static_dir: Path = STATIC_DIR) -> Path:
    """The file behind an asset name such as ``map.js`` or ``vendor/leaflet/leaflet.js``.

    Raises AssetMissing for a name that leads outside ``static_dir`` or to no file.
    """
    path = (static_dir / name).resolve()
    if not path.is_relative_to(static_dir.resolve()) or not _is_file(path):
        remedy = (
            "请在项目目录运行 make assets 重新获取"
            if name.startswith("vendor/")
            else "请重新取得完整的项目文件"
        )
        raise AssetMissing(name=name, problem="不存在", remedy=remedy)
    return path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # longer than the name of any file
        return False


@cache
def asset_version(*, static_dir: Path = STATIC_DIR) -> str:
    """One short hash over the names and contents of all assets; read once a process.

    It is shared by all of them because style sheets point at their images by relative URL.
    """
    digest = hashlib.sha256()
    for path in sorted(p for p in static_dir.rglob("*") if p.is_file()):
        digest.update(f"{path.relative_to(static_dir).as_posix()}\0{sha256_of(path)}\n".encode())
    return digest.hexdigest()[:VERSION_LENGTH]


def asset_url(name: str, *, static_dir: Path = STATIC_DIR) -> str:
    """Root-absolute URL of an asset, which changes when any asset changes, so it may be cached for ever.

    Raises AssetMissing as ``asset_path`` does.
    """
    asset_path(name, static_dir=static_dir)
    return f"{URL_ROOT}/{asset_version(static_dir=static_dir)}/{name}"
