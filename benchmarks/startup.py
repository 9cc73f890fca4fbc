"""What starting costs: `import starfree` beside `import numpy`, and the command line, as fresh processes."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time

RUNS = 10


def seconds(*arguments: str) -> list[tuple[float, float]]:
    """Return the wall time and the processor time of a few fresh interpreters."""
    found = []
    for _ in range(RUNS):
        begun, used = time.perf_counter(), processor()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        found.append((time.perf_counter() - begun, processor() - used))
    return found


def processor() -> float:
    """Return the processor time of all children so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    cases = {
        "import numpy": ("-c", "import numpy"),
        "import starfree": ("-c", "import numpy; import starfree"),
        "starfree --version": ("-m", "starfree", "--version"),
        "starfree languages": ("-m", "starfree", "languages"),
        "starfree decide '(aa)*'": ("-m", "starfree", "decide", "(aa)*"),
    }
    times = {name: seconds(*arguments) for name, arguments in cases.items()}
    print(f"seconds as a process, best and median of {RUNS}: wall, processor")
    for name, found in times.items():
        columns = [f"{min(part):6.3f} {statistics.median(part):6.3f}" for part in zip(*found, strict=True)]
        print(f"{name:26} {'    '.join(columns)}")
    wall, used = (
        min(times["import starfree"][i][part] for i in range(RUNS))
        - min(times["import numpy"][i][part] for i in range(RUNS))
        for part in (0, 1)
    )
    print(f"import starfree adds {wall:.3f} s, {used:.3f} s of processor, to NumPy (aim: under 0.05)")


if __name__ == "__main__":
    main()
