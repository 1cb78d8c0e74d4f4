"""A certificate that no machine trusts, for servers of tests on 127.0.0.1; good for a century."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Final

CERTIFICATE: Final = """\
-----BEGIN CERTIFICATE-----
MIIBvDCCAWGgAwIBAgIUXR6mpxKMhb8uhI5F1sU513aKdV8wCgYIKoZIzj0EAwIw
JDEiMCAGA1UEAwwZT25lTWFwIHRlc3QsIG5vdCBhIHNlY3JldDAgFw0yNjExMjIw
NjM5MjBaGA8yMTI2MTAyOTA2MzkyMFowJDEiMCAGA1UEAwwZT25lTWFwIHRlc3Qs
IG5vdCBhIHNlY3JldDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABICK4x6ReN0A
P9dAP4UXDQOv6swKkVQgEp96Mur8ZuSvVgFmBVHfAw+mXntV6B/aWZBEP5sWFjRE
d45OOp+/iLKjbzBtMB0GA1UdDgQWBBR/jtLEeasGcvtkw3mywXqA/7sYGjAfBgNV
HSMEGDAWgBR/jtLEeasGcvtkw3mywXqA/7sYGjAPBgNVHRMBAf8EBTADAQH/MBoG
A1UdEQQTMBGHBH8AAAGCCWxvY2FsaG9zdDAKBggqhkjOPQQDAgNJADBGAiEA/I7Y
R5r5Gui2X5MscuQGEfhTbd4h5xxTM73LNp2TkIoCIQC2gpVny9obfNSCLcH7O34M
pdruVH2yGEyupXkSsdsNyg==
-----END CERTIFICATE-----
"""
KEY: Final = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPTSbi6KYNxmwqEL6
ev0Rtrv3Ny4cVpWg3QzmBtyOJvahRANCAASAiuMekXjdAD/XQD+FFw0Dr+rMCpFU
IBKfejLq/Gbkr1YBZgVR3wMPpl57Vegf2lmQRD+bFhY0RHeOTjqfv4iy
-----END PRIVATE KEY-----
"""


def write_certificate(folder: Path) -> Path:
    """The certificate as a file, as ``SSL_CERT_FILE`` wants it."""
    path = folder / "certificate.pem"
    path.write_text(CERTIFICATE, encoding="ascii")
    return path


def server_context(folder: Path) -> ssl.SSLContext:
    """What a server needs to speak TLS with it."""
    key = folder / "key.pem"
    key.write_text(KEY, encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(write_certificate(folder), key)
    return context
