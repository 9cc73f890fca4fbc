"""The C kernel of the scan, compiled at first use by the system's compiler and kept in a cache.

Only a C compiler is needed: no headers of torch or Python. The compiled file is named after everything that
can change it, and is moved into place in one step, so that processes can compile at once.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import tempfile
import warnings
from functools import cache
from pathlib import Path

SOURCES = [Path(__file__).with_name(name) for name in ("lanes.h", "scan.c", "convolution.c", "gate.c")]
FLAGS = ["-std=c11", "-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast"]
FLAGS += ["-fPIC", "-shared", "-pthread"]
NATIVE = ["-march=native"]
_TIMEOUT_S = 120


@cache
def kernel(double: bool) -> ctypes.CDLL | None:
    """Return the kernel for float64 or float32; None, with one warning, where it cannot be compiled."""
    try:
        return ctypes.CDLL(str(_compiled(["-DDOUBLE"] if double else [])))
    except OSError as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        _warn(f"the C kernel of the scan is not available, using the slower torch form: {reason[0]}")
        return None


@cache
def _warn(message: str) -> None:
    warnings.warn(message, RuntimeWarning, stacklevel=2)


def compiler() -> list[str]:
    """Return the command of the C compiler: $CC, or the first of cc, gcc and clang.

    Raises:
        OSError: there is none.
    """
    if wished := os.environ.get("CC"):
        return shlex.split(wished)
    for name in ("cc", "gcc", "clang"):
        if found := shutil.which(name):
            return [found]
    raise OSError("no C compiler (cc, gcc or clang) found; install one, or name it in $CC")


def cache_folder() -> Path:
    """Return where compiled kernels are kept: $STARFREE_CACHE, or `starfree` in the user's cache."""
    if own := os.environ.get("STARFREE_CACHE"):
        return Path(own)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "starfree"


def _compiled(options: list[str]) -> Path:
    command = compiler()
    version = _run([*command, "--version"]).stdout
    texts = [path.read_text() for path in SOURCES]
    about = "\0".join([*texts, *command, version, *FLAGS, *NATIVE, *options, _processor()])
    target = cache_folder() / f"scan-{hashlib.sha256(about.encode()).hexdigest()[:20]}.so"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        made = Path(folder, "scan.so")
        rest = [*FLAGS, *options, *(str(path) for path in SOURCES if path.suffix == ".c"), "-o", str(made)]
        done = _run([*command, *NATIVE, *rest])
        if done.returncode:
            done = _run([*command, *rest])  # some compilers do not know the processor they run on
        if done.returncode:
            raise OSError(_complaint(command, done.stderr))
        made.replace(target)
    return target


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise OSError(f"{command[0]} took more than {_TIMEOUT_S} s") from error


def _complaint(command: list[str], text: str) -> str:
    lines = [line for line in text.splitlines() if "error" in line] or text.splitlines()
    return f"{' '.join(command)} failed{': ' + lines[0] if lines else ''}"


def _processor() -> str:
    """Return what tells processors apart, so that a cache shared by machines is safe."""
    told = [platform.machine(), platform.processor(), platform.system()]
    try:
        lines = Path("/proc/cpuinfo").read_text().split("\n\n")[0].splitlines()
    except OSError:
        return "\0".join(told)
    return "\0".join(told + [line for line in lines if line.startswith(("model name", "flags", "Features"))])
