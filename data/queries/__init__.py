"""Every question that pages and routes ask, over one Filter, so that the numbers reconcile.

Each function takes keywords (``session``, mostly ``where`` and ``as_of``) and gives frozen dataclasses.
Only ``conditions`` turns a Filter into SQL; every statement searches an index and none reads history.
"""
