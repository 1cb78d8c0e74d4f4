"""The HTML page in which Streamlit starts, made ours: language, title, colours from the first frame on.

It is Streamlit's own ``index.html`` with a few lines added. Naming the server's address there also spares the
browser from probing for it below the page's own path, which would leave two 404 errors in its console.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import BaseRoute, Route

from dashboard.state import PATHS
from dashboard.theme.tokens import TOKENS
from data.labels import PRODUCT

_INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
_HEAD = """
    <script>
      window.__streamlit = { BACKEND_BASE_URL: new URL(".", location.href).href };
      (() => {
        const kept = localStorage.getItem("stActiveTheme-" + location.pathname + "-v2");
        const dark = kept ? kept.includes("Dark") : matchMedia("(prefers-color-scheme: dark)").matches;
        document.documentElement.style.background = dark ? "%(dark)s" : "%(light)s";
        document.documentElement.style.color = dark ? "%(dark_text)s" : "%(light_text)s";
      })();
    </script>
    <style>
      body { background: transparent; }
      #om-boot { position: fixed; inset: 0; display: grid; place-content: center; text-align: center;
        line-height: 2;
        font: 16px "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
      #om-boot b { font-size: 28px; letter-spacing: .08em; }
      body:has(.stApp) #om-boot { display: none; }
    </style>
  </head>"""
_BODY = '<div id="om-boot" role="status"><b>%s</b><span>正在打开…</span></div>'
_NO_SCRIPT = "<noscript>请在浏览器中启用 JavaScript 后再打开一图统览。</noscript>"


@cache
def page_html() -> str:
    """Streamlit's start page with our lines in it."""
    colors = {
        "dark": TOKENS["dark"]["ground"],
        "light": TOKENS["light"]["ground"],
        "dark_text": TOKENS["dark"]["muted"],
        "light_text": TOKENS["light"]["muted"],
    }
    html = _INDEX.read_text(encoding="utf-8")
    html = html.replace('<html lang="en">', '<html lang="zh-CN">')
    html = re.sub(r"<title>.*?</title>", f"<title>{PRODUCT}</title>", html)
    html = re.sub(r'<link\s+rel="preload"[^>]*as="font"[^>]*/>', "", html)
    html = re.sub(r"<noscript>.*?</noscript>", _NO_SCRIPT, html, flags=re.DOTALL)
    html = html.replace("</head>", _HEAD.lstrip("\n") % colors, 1)
    return html.replace("<body>", f"<body>{_BODY % PRODUCT}", 1)


def page(_request: Request) -> HTMLResponse:
    """Any page of the product: which one, Streamlit reads from the address."""
    return HTMLResponse(page_html(), headers={"Cache-Control": "no-cache"})


def to_page(request: Request) -> RedirectResponse:
    """The name of a page's file as an address: leads to the page's own address with the same query."""
    path = PATHS[request.url.path.removeprefix("/")]
    return RedirectResponse(f"{path}?{request.url.query}" if request.url.query else path)


def shell_routes() -> list[BaseRoute]:
    """The addresses of all pages."""
    paths = [path.removeprefix(".") for path in PATHS.values()]
    names = [name for name in PATHS if f"/{name}" not in paths]
    return [*(Route(f"/{name}", to_page) for name in names), *(Route(path, page) for path in paths)]
