"""``python -m dashboard``: the command line."""

from __future__ import annotations

import sys

OURS = ("dashboard", "data", "geo")

try:
    from dashboard.cli import main
except ModuleNotFoundError as error:
    if error.name is None or error.name.split(".")[0] in OURS:
        raise
    sys.exit(
        f"缺少程序包 {error.name}：请先运行 make run 装好依赖，再用项目里的 .venv/bin/python -m dashboard。"
    )

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
