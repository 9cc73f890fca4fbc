"""What starting costs: `import starfree` beside `import numpy`, and the command line, as fresh processes."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 10


def seconds(*arguments: str) -> list[float]:
    """Return the wall time of a few fresh interpreters."""
    found = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        found.append(time.perf_counter() - begun)
    return found


def main() -> None:
    cases = {
        "import numpy": ("-c", "import numpy"),
        "import starfree": ("-c", "import numpy; import starfree"),
        "starfree --version": ("-m", "starfree", "--version"),
        "starfree languages": ("-m", "starfree", "languages"),
        "starfree decide '(aa)*'": ("-m", "starfree", "decide", "(aa)*"),
    }
    times = {name: seconds(*arguments) for name, arguments in cases.items()}
    print(f"seconds as a process, best and median of {RUNS}")
    for name, found in times.items():
        print(f"{name:26} {min(found):6.3f} {statistics.median(found):6.3f}")
    added = min(times["import starfree"]) - min(times["import numpy"])
    print(f"import starfree adds {added:.3f} s to importing NumPy (aim: under 0.05)")


if __name__ == "__main__":
    main()
