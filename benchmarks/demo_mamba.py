"""`make demo-mamba`: the star-free catalogue as stock Mamba checkpoints, proved as they run."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import starfree
from starfree.cli.screen import Screen
from starfree.errors import NotExpressible
from starfree.languages import catalog
from starfree.models.mamba import Mamba

LARGEST = 60  # states
EVERY_DTYPE = 300  # product states: below, bfloat16 and float16 are proved here too
MAMBA2 = ["tomita_2", "tomita_4", "ab_d_bc", "d_4", "flip_flop"]
HEAD = ["language", "layers", "width", "parameters", "robust", "product", "trans/s", "seconds", "dtypes"]

LEGEND = (
    "Each was built without training, saved, opened again, and proved through the stock one-token path of "
    "transformers: every token from every state that the running model can reach. Every logit is 64 or -64, "
    "and the full forward gives the same bits on long words. robust: parameters of the variant that bears "
    f"errors in its weights. bf16 and f16 are proved here up to {EVERY_DTYPE:,} product states, the others "
    "by `make test-full`; the numbers of Mamba-2 do not fit into float16."
)


@dataclass(frozen=True)
class Line:
    """What was built and proved of one language.

    Arguments:
        robust: parameters of the robust variant, None for Mamba-2.
        product, speed: product states and transitions per second, in float32.
        seconds: building, saving, opening and proving in float32.
        dtypes: in which it was proved.
    """

    name: str
    layers: int
    width: int
    parameters: int
    robust: int | None
    product: int
    speed: float
    seconds: float
    dtypes: tuple[str, ...]


def study(name: str, target: str) -> Line | None:
    """Build, save, open and prove one language; None when it is not star-free."""
    language = starfree.load(f"@{name}")
    begun = time.perf_counter()
    try:
        built = starfree.build(language, target=target)
    except NotExpressible:
        return None
    with tempfile.TemporaryDirectory() as folder:
        built.save(folder)
        opened = starfree.open_model(Path(folder))
        if opened != built or not isinstance(opened, Mamba):
            raise SystemExit(f"{name}: what is opened is not what was saved")
        proof = prove(folder, language, "float32")
        seconds = time.perf_counter() - begun
        dtypes = ["float32"]
        for dtype in ("bfloat16", "float16") if target == "mamba" else ("bfloat16",):
            if proof.size <= EVERY_DTYPE:
                prove(folder, language, dtype)
                dtypes.append(dtype)
    robust = None
    if target == "mamba":
        variant = starfree.build(language, target="mamba", robust=True)
        robust = variant.parameters
    return Line(
        name, built.layers, built.width, built.parameters, robust, proof.size, proof.speed, seconds,
        tuple(dtypes),
    )  # fmt: skip


def prove(folder: str, language: starfree.Language, dtype: str) -> starfree.proofs.prove_stock.StockProof:
    """Prove it, or stop."""
    found = starfree.prove(folder, language, dtype=dtype)
    if not found.proved:
        raise SystemExit(f"{language.spec} in {dtype}: model and language differ after {found.word}")
    if not (found.parallel.equal and found.alone and found.product.margin == 64):
        raise SystemExit(f"{language.spec} in {dtype}: the bits depend on how the model is run")
    return found


def cells(line: Line) -> list[str]:
    """Return a line of the table."""
    numbers = [line.layers, line.width, line.parameters]
    robust = "-" if line.robust is None else f"{line.robust:,}"
    return [
        line.name,
        *(f"{number:,}" for number in numbers),
        robust,
        f"{line.product:,}",
        f"{line.speed:,.0f}",
        f"{line.seconds:.1f}",
        " ".join(dtype.replace("float", "f") for dtype in line.dtypes),
    ]


def studied(names: Sequence[str], target: str) -> Iterator[Line]:
    """Study languages, saying on a terminal which one it is."""
    for name in names:
        if sys.stderr.isatty():
            print(f"\r\x1b[K{name}", end="", file=sys.stderr, flush=True)
        line = study(name, target)
        if line is not None:
            yield line
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def main() -> None:
    screen = Screen.of(sys.stdout)
    begun = time.perf_counter()
    names = [name for name in catalog.regular if catalog[name].dfa.states <= LARGEST]
    for title, chosen, target in (("Mamba", names, "mamba"), ("Mamba-2", MAMBA2, "mamba2")):
        rows = [cells(line) for line in studied(chosen, target)]
        print(screen.heading(title))
        print(screen.table(rows, head=HEAD, right=range(1, 8)), end="\n\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(screen.wrap(LEGEND))
    print(screen.dim(f"{time.perf_counter() - begun:.0f} s, peak memory {peak:.1f} GiB"))


if __name__ == "__main__":
    main()
