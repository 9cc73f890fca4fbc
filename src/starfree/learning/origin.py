"""Where results come from: the commit of the source and the versions of the libraries."""

from __future__ import annotations

import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def git_commit() -> str | None:
    """Return the commit of starfree's own source, with `-dirty` for changes; None where it is no checkout."""
    source = Path(__file__).resolve().parent.parent

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(source), *words], capture_output=True, text=True, check=True, timeout=20
        )
        return done.stdout.strip()

    try:
        git("ls-files", "--error-unmatch", "__init__.py")  # not the checkout of something around it
        changed = git("status", "--porcelain", "--untracked-files=no", ".")
        return git("rev-parse", "HEAD") + ("-dirty" if changed else "")
    except (OSError, subprocess.SubprocessError):
        return None


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of Python and of the packages that are installed, starfree and NumPy included."""
    found = {"python": platform.python_version()}
    for package in dict.fromkeys(("starfree", "numpy", "torch", *packages)):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
