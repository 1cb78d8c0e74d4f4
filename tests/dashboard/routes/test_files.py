"""Assets and archives: had by exact names and by ranges, kept where the name is a hash; nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from dashboard import context
from dashboard.assets import asset_url
from dashboard.map.layers import build_map
from tests.dashboard.small_world import World


def test_every_file_that_the_map_links_is_served(client: TestClient) -> None:
    canvas = build_map(config={}, basemap={}, location=(30.7, 103.8), zoom=11)
    links = [
        link for part in [canvas, *canvas._children.values()] for link in getattr(part, "default_js", [])
    ]
    links += canvas.default_css
    assert len(links) > 15
    for _, url in links:
        response = client.get(url)
        assert response.status_code == 200
        assert response.headers["Cache-Control"].endswith("immutable")


def test_an_asset_under_an_older_address_is_served_but_not_kept(client: TestClient) -> None:
    response = client.get("/onemap/assets/000000000000/map/core.js")
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Content-Type"].partition(";")[0] in {"text/javascript", "application/javascript"}


@pytest.mark.parametrize(
    "name",
    [
        "nothing.js",
        "../app.py",
        "..%2Fapp.py",
        "%2e%2e/%2e%2e/pyproject.toml",
        "vendor/manifest.json",
        ".hidden",
        "map",
        "a" * 300,
        "a/" * 3000,
    ],
)
def test_no_other_file_can_be_had_through_the_assets(client: TestClient, name: str) -> None:
    assert client.get(f"/onemap/assets/x/{name}").status_code == 404


def test_a_range_of_the_tiles_is_exactly_those_bytes(client: TestClient, world: World) -> None:
    path = world.var_dir / "tiles" / f"{world.tiles_name}.pmtiles"
    response = client.get(f"/onemap/tiles/{world.tiles_name}.pmtiles", headers={"Range": "bytes=0-126"})
    assert response.status_code == 206
    assert response.content == path.read_bytes()[:127]
    assert response.headers["Content-Range"] == f"bytes 0-126/{path.stat().st_size}"
    assert response.headers["Cache-Control"].endswith("immutable")
    assert response.headers["Content-Encoding"] == "identity"


@pytest.mark.parametrize("name", ["divisions-000000000000", "..%2Fonemap", "onemap", "divisions"])
def test_no_other_archive_can_be_had(client: TestClient, name: str) -> None:
    response = client.get(f"/onemap/tiles/{name}.pmtiles")
    assert response.status_code == 404


def test_without_a_local_base_map_its_address_says_so(client: TestClient) -> None:
    response = client.get("/onemap/basemap.pmtiles")
    assert response.status_code == 404
    assert "ONEMAP_BASEMAP_URL" in response.json()["problems"][0]


@pytest.mark.shared_data
def test_the_local_base_map_is_read_by_ranges(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, shared_data: Path
) -> None:
    archive = shared_data / "jinan_roads_z6-13.pmtiles"
    monkeypatch.setenv("ONEMAP_BASEMAP", "pmtiles")
    monkeypatch.setenv("ONEMAP_BASEMAP_URL", str(archive))
    context.reset()
    response = client.get("/onemap/basemap.pmtiles", headers={"Range": "bytes=100-199"})
    assert response.status_code == 206
    assert response.content == archive.read_bytes()[100:200]
    assert context.basemap().layers
    assert context.basemap().max_zoom == 13


def test_asset_addresses_change_with_their_content() -> None:
    assert asset_url("map/core.js").split("/")[3] == asset_url("map/onemap.css").split("/")[3]
