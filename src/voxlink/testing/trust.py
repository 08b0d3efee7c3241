"""Trusting the simulated voice servers: a bundle of the usual certificate authorities and theirs."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["trusted"]

VARIABLE = "SSL_CERT_FILE"


@contextmanager
def trusted(*authorities: Path) -> Generator[Path]:
    """Let children of this process, and TLS contexts that it makes from now on, trust these authorities as well.

    The usual ones stay trusted. Gives the bundle's path; at the end of the block the environment is as it was.
    """
    usual = ssl.get_default_verify_paths().cafile
    before = os.environ.get(VARIABLE)
    texts = [Path(name).read_text(encoding="utf-8") for name in (usual, *authorities) if name]
    with tempfile.TemporaryDirectory(prefix="voxlink-trust-") as folder:
        bundle = Path(folder) / "bundle.pem"
        bundle.write_text("\n".join(texts), encoding="utf-8")
        os.environ[VARIABLE] = str(bundle)
        try:
            yield bundle
        finally:
            if before is None:
                del os.environ[VARIABLE]
            else:
                os.environ[VARIABLE] = before
