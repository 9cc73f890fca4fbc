"""`starfree build`: exact weights, by construction."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import NotExpressible
from .answer import Answer
from .evidence import describe
from .files import writing
from .options import Clock, budget_options, json_option, language_options, task_option
from .screen import Screen, printable
from .spoken import spoken


@click.command(name="build", epilog="\b\nExample:\n  starfree build '(ab)*' --target mamba --out models/ab")
@click.argument("language", metavar="LANG")
@click.option(
    "--target",
    type=click.Choice(["ssm", "signed", "complex", "permutation", "mamba", "mamba2", "auto"]),
    default="ssm",
    show_default=True,
    help="What to build: the paper's model; one with signed or complex gates, or permutation matrices; a "
    "checkpoint for Hugging Face transformers; auto: the cheapest of the first four that has LANG.",
)
@click.option(
    "--shift/--no-shift",
    default=False,
    show_default=True,
    help="For ssm, signed and complex: let a layer also see the step before.",
)
@click.option("--robust", is_flag=True, help="For mamba: bear errors in the weights, with more channels.")
@click.option(
    "--rotors",
    type=click.Choice(["complex", "matrix", "float32", "float16"]),
    default="complex",
    show_default=True,
    help="For complex: roots of unity in fixed point, exact; 0/1 blocks; or floats, with a horizon.",
)
@click.option(
    "--prefer",
    type=click.Choice(["bits", "layers"]),
    default="bits",
    show_default=True,
    help="A cascade of latches, or one counter in its place where the automaton allows it.",
)
@click.option(
    "--out", required=True, metavar="DIR", help="Where to write the weights and what belongs to them."
)
@task_option
@language_options
@budget_options
@json_option
def command(
    language: str,
    target: str,
    shift: bool,
    robust: bool,
    rotors: str,
    prefer: str,
    out: str,
    task: str,
    alphabet: str | None,
    epsilon: str | None,
    max_states: int | None,
    max_elements: int | None,
    timeout: Clock,
) -> Answer:
    """Build a model of LANG and write it to DIR; exit 1 with a witness when the target cannot express it."""
    chosen = spoken(language, alphabet, epsilon, max_states, timeout.left())

    from ..targets.build import build

    try:
        model = build(
            chosen,
            target=target,
            task=task,
            shift=shift,
            robust=robust,
            rotors=rotors,
            prefer=prefer,
            max_states=max_states,
            max_elements=max_elements,
            timeout=timeout.left(),
        )
    except NotExpressible as refusal:
        return _refused(refusal)
    with writing(Path(out)):
        model.save(Path(out))
    document = {"directory": out, **model.to_json()}

    def text(screen: Screen) -> str:
        shown = {**document, "state size": model.state_size}
        if "shift" in shown:
            shown["shift"] = "yes" if shift else "no"
        if shown.get("horizon", 0) is None:
            shown["horizon"] = "none: right at every length"
        del shown["cells"]
        return screen.table([[name, printable(str(value))] for name, value in shown.items()])

    return Answer(lambda: document, text)


def _refused(refusal: NotExpressible) -> Answer:
    """Return the answer of a target that cannot express the language: why, and the witness."""
    return Answer(
        refusal.to_json,
        lambda screen: f"witness against {refusal.witness['family']}:\n{describe(screen, refusal.witness)}",
        status=refusal.exit_status,
        note=f"starfree: {refusal}",
    )
