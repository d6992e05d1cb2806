"""Programs in JavaScript that tests run: npm fetches them once, as tests/clients names them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parent / "clients"
_KEPT = Path(__file__).parents[1] / ".pytest_cache"
_NO_NODE = (
    "calendar and page are tested with programs in JavaScript: install Node.js 18 or newer with "
    "npm (`apt install nodejs npm`, `brew install node`, or nodejs.org)"
)


def node_modules() -> Path:
    """Return the folder with what is installed; fails with words where there is no Node.js."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.fail(_NO_NODE)
    lock = (CLIENTS / "package-lock.json").read_bytes()
    folder = _KEPT / f"clients-{sha256(lock).hexdigest()[:12]}"
    if not folder.exists():
        _install(npm, folder)
    return folder / "node_modules"


def _install(npm: str, folder: Path) -> None:
    _KEPT.mkdir(exist_ok=True)
    new = Path(tempfile.mkdtemp(dir=_KEPT))
    for name in ("package.json", "package-lock.json"):
        shutil.copy(CLIENTS / name, new)
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run([npm, *words], cwd=new, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"npm could not install what tests/clients names:\n{done.stderr}")
    with suppress(OSError):  # tests that run beside us were faster
        new.rename(folder)
    shutil.rmtree(new, ignore_errors=True)
