"""Virtual environments made from the locked, hashed requirement files; renewed only when a lock changes."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections import deque
from pathlib import Path

from tools.problems import ROOT, SetupProblem, require_writable, say
from tools.progress import Bar


def python_of(venv: Path) -> Path:
    """The interpreter inside a virtual environment."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _works(venv: Path) -> bool:
    python = python_of(venv)
    return (
        python.exists() and subprocess.run([python, "-c", "import pip"], capture_output=True).returncode == 0
    )


def make_venv(venv: Path) -> None:
    """Make a virtual environment with pip, in place of one whose interpreter or pip no longer runs."""
    if _works(venv):
        return
    require_writable(venv.parent)
    say(f"正在建立 Python 环境 {venv.name} …")
    if venv.exists():
        shutil.rmtree(venv)
    made = subprocess.run([sys.executable, "-m", "venv", venv], capture_output=True, text=True)
    if made.returncode == 0 and _works(venv):
        return
    shutil.rmtree(venv, ignore_errors=True)
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    output = (made.stdout + made.stderr).strip()
    if "ensurepip" in output or "No module named venv" in output:
        raise SetupProblem(
            zh="这台机器的 Python 没有带 venv（缺少 ensurepip）。",
            remedy_zh=f"Debian/Ubuntu 运行 apt-get install python3-venv（或 {package}），然后再运行一次。",
            en=f"This Python has no venv/ensurepip: apt-get install python3-venv (or {package}).",
        )
    raise SetupProblem(
        zh=f"建立 Python 环境失败：{output[-500:]}",
        remedy_zh="按上面的信息处理后再运行一次。",
        en="Making the virtual environment failed; the reason stands above.",
    )


def _stamp_text(requirements: Path) -> str:
    return hashlib.sha256(requirements.read_bytes()).hexdigest()


def install(requirements: Path, *, venv: Path) -> None:
    """Install exactly what the lock names, checking every hash; once for each state of the lock."""
    make_venv(venv)
    stamp = venv / f".installed-{requirements.stem}"
    if stamp.exists() and stamp.read_text(encoding="ascii") == _stamp_text(requirements):
        return
    say(f"正在安装 {requirements.name} 中锁定的依赖（首次约需一两分钟）…")
    code, output = pip_install(requirements, venv=venv)
    if code != 0:
        raise install_problem(requirements, output=output)
    stamp.write_text(_stamp_text(requirements), encoding="ascii")


def pip_install(requirements: Path, *, venv: Path) -> tuple[int, str]:
    """Exit code of pip and the end of what it said, while a bar counts the packages it has got."""
    command: list[str | Path] = [
        python_of(venv),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
    ]
    command += ["--progress-bar", "off", "--require-hashes", "--only-binary", ":all:", "-r", requirements]
    total = len(re.findall(r"^\S+==", requirements.read_text(encoding="utf-8"), flags=re.MULTILINE))
    bar = Bar(label="  依赖", total=total)
    lines: deque[str] = deque(maxlen=30)
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        for line in pip.stdout or ():
            lines.append(line)
            got = re.match(
                r"(?:Collecting|Processing|Requirement already satisfied:|Ignoring) (?:.*/)?([\w.]+)", line
            )
            if got:
                bar.step(got[1])
            elif line.startswith("Installing collected packages"):
                bar.step("正在写入磁盘 …")
    bar.close()
    return pip.returncode, "".join(lines).strip()


def install_problem(requirements: Path, *, output: str) -> SetupProblem:
    print(output, file=sys.stderr)
    lowered = output.lower()
    if "do not match the hashes" in lowered:
        return SetupProblem(
            zh="下载到的依赖与锁定的校验值不一致，已拒绝安装。",
            remedy_zh="检查所用的软件包镜像是否可信、是否完整，再运行一次。",
            en="A downloaded package does not match its locked hash; check the package mirror and run again.",
        )
    if "no space left" in lowered:
        return SetupProblem(
            zh="磁盘空间不足。",
            remedy_zh="清理出约 1.5 GB 空间后再运行一次。",
            en="The disk is full; free about 1.5 GB and run again.",
        )
    if any(sign in lowered for sign in ("connection", "timed out", "resolve", "network", "proxy", "ssl")):
        return SetupProblem(
            zh="下载依赖时连不上软件包源。",
            remedy_zh="检查网络；内网请用 PIP_INDEX_URL 指定本单位的镜像，"
            "或用 PIP_FIND_LINKS 指定已下载好的安装包目录。",
            en="Cannot reach a package index: check the network, or set PIP_INDEX_URL or PIP_FIND_LINKS.",
        )
    return SetupProblem(
        zh=f"安装 {requirements.name} 失败，原因见上面 pip 的输出。",
        remedy_zh="常见原因：Python 版本或处理器没有对应的安装包。可改用 Python 3.11 至 3.13 再试。",
        en="pip could not install the locked packages; its output stands above. Try Python 3.11 to 3.13.",
    )
