"""`starfree`, and `python -m starfree`: the command line."""

import sys


def run() -> int:
    """Run the command line; an interrupt while it loads ends it like any other."""
    try:
        from .cli import main

        return main()
    except KeyboardInterrupt:
        print("starfree: interrupted", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(run())
