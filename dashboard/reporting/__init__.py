"""The reporting pages: plain HTML of our own, for a phone in the street and without a Streamlit session.

``document`` is the frame of each page, ``guard`` what every request has to pass, ``form`` the form that grid
workers and residents share, ``follow`` what a receipt opens. The routes stand in ``dashboard.routes``
(``report``, ``resident``, ``qr_codes``), the scripts and the style sheet in ``static/resident``.
"""
