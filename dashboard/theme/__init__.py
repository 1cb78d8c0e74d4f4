"""How the product looks: colour tokens and the style sheet."""

from dashboard.theme.style import apply_style, current_theme

__all__ = ["apply_style", "current_theme"]
