"""Front-end files are present, unaltered and ours to serve; a missing one is named at start."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.assets import (
    MANIFEST_NAME,
    STATIC_DIR,
    VENDOR_FILES,
    AssetMissing,
    asset_path,
    asset_url,
    asset_version,
    check_assets,
    write_manifest,
)
from dashboard.state import PATHS

PROJECT_ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def static_dir(tmp_path: Path) -> Path:
    """A static folder in which every vendor file holds its own name, and one file of ours."""
    for name in VENDOR_FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    (tmp_path / "map.js").write_text("let a = 1;", encoding="utf-8")
    write_manifest(static_dir=tmp_path, lock_sha256="0" * 64)
    return tmp_path


def test_the_files_fetched_at_set_up_are_complete_and_unaltered() -> None:
    check_assets()

    assert "1.9.4" in (STATIC_DIR / "vendor/leaflet/leaflet.js").read_text(encoding="utf-8")[:300]


def test_a_complete_folder_passes(static_dir: Path) -> None:
    check_assets(static_dir=static_dir)

    assert asset_path("map.js", static_dir=static_dir) == static_dir / "map.js"


@pytest.mark.parametrize("name", [MANIFEST_NAME, *VENDOR_FILES])
def test_a_missing_file_is_named_with_the_way_out(static_dir: Path, name: str) -> None:
    (static_dir / name).unlink()

    with pytest.raises(AssetMissing, match=re.escape(name)) as caught:
        check_assets(static_dir=static_dir)

    assert "不存在" in str(caught.value)
    assert "make assets" in str(caught.value)


def test_an_altered_file_is_named(static_dir: Path) -> None:
    (static_dir / "vendor/leaflet/leaflet.js").write_text("alert(1)", encoding="utf-8")

    with pytest.raises(AssetMissing, match=r"leaflet\.js 内容与清单不符"):
        check_assets(static_dir=static_dir)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": {}}'])
def test_an_unreadable_or_older_manifest_is_reported(static_dir: Path, text: str) -> None:
    (static_dir / MANIFEST_NAME).write_text(text, encoding="utf-8")

    with pytest.raises(AssetMissing, match="make assets"):
        check_assets(static_dir=static_dir)


def test_a_url_is_absolute_and_carries_the_version(static_dir: Path) -> None:
    version = asset_version(static_dir=static_dir)

    assert re.fullmatch("[0-9a-f]{12}", version)
    assert asset_url("map.js", static_dir=static_dir) == f"/onemap/assets/{version}/map.js"


def test_the_version_changes_with_any_content(
    static_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    for path in static_dir.rglob("*"):
        if path.is_file():
            (other / path.relative_to(static_dir)).parent.mkdir(parents=True, exist_ok=True)
            (other / path.relative_to(static_dir)).write_bytes(path.read_bytes())
    assert asset_version(static_dir=other) == asset_version(static_dir=static_dir)
    asset_version.cache_clear()

    (other / "map.js").write_text("let a = 2;", encoding="utf-8")

    assert asset_version(static_dir=other) != asset_version(static_dir=static_dir)


@pytest.mark.parametrize("name", ["none.js", "../assets.py", "/etc/hostname", "vendor"])
def test_a_name_outside_the_folder_or_of_no_file_is_refused(static_dir: Path, name: str) -> None:
    with pytest.raises(AssetMissing):
        asset_path(name, static_dir=static_dir)


def test_images_that_style_sheets_point_at_are_fetched_too() -> None:
    for sheet in (name for name in VENDOR_FILES if name.endswith(".css")):
        text = (STATIC_DIR / sheet).read_text(encoding="utf-8")
        targets = {match.strip("'\"") for match in re.findall(r"url\(([^)#]+)\)", text)}

        assert targets
        for target in targets:
            assert (STATIC_DIR / sheet).parent.joinpath(target).is_file(), f"{sheet} points at {target}"


def test_no_asset_names_another_host_to_load_from() -> None:
    # Links that a person may follow (the attribution) are no loads.
    loads = re.compile(
        r"""src\s*=\s*\\?["']https?://|import\s*\(?["']https?://|url\(["']?https?:|<link[^>]+https?:"""
    )
    for path in (path for path in STATIC_DIR.rglob("*") if path.suffix in {".js", ".css"}):
        assert not loads.search(path.read_text(encoding="utf-8")), path.name


def test_the_switch_of_the_theme_knows_every_page() -> None:
    listed = re.search(r"THEME_PATHS = (\[.*\]);", (STATIC_DIR / "router.js").read_text(encoding="utf-8"))

    assert listed
    assert json.loads(listed[1]) == [path.removeprefix(".") for path in PATHS.values()]


def test_the_list_of_assets_can_be_read_before_anything_is_installed() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-c", "import dashboard.assets"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
