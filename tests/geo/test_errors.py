"""Every error of the package stands in the tree drawn at the top of its module."""

from __future__ import annotations

import inspect

from geo import errors


def test_every_error_is_a_geo_error_and_is_drawn_in_the_tree() -> None:
    classes = [
        kind for _, kind in inspect.getmembers(errors, inspect.isclass) if kind.__module__ == errors.__name__
    ]
    assert len(classes) == 8
    for kind in classes:
        assert issubclass(kind, errors.GeoError)
        assert kind.__name__ in (errors.__doc__ or "")
        assert kind.__doc__
