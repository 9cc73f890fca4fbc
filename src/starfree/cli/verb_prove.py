"""`starfree prove`: is this model that language, at every length?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import BadInput
from ..languages.notation import bracketed
from .answer import Answer
from .automaton_view import legal_text
from .files import writing
from .options import Clock, arithmetic_option, json_option, language_options, state_budget
from .progress import progress
from .screen import Screen, count_of
from .spoken import spoken

if TYPE_CHECKING:
    from ..models.mamba import Mamba
    from ..proofs.prove import Difference, Proof
    from ..proofs.prove_program import ProgramProof
    from ..proofs.prove_rounded import RoundedProof
    from ..proofs.prove_stock import StockDifference, StockProof

_AFTER = {"recognise": "every word", "predict": "every prefix of a word"}


@click.command(
    name="prove", epilog="\b\nExample:\n  starfree prove models/ab '(ab)*' --certificate models/ab/proof.json"
)
@click.argument("directory", metavar="DIR")
@click.argument("language", metavar="LANG")
@click.option(
    "--task",
    type=click.Choice(["recognise", "predict"]),
    help="Be right after every word, or only after prefixes of words.  [default: the model's]",
)
@click.option(
    "--dtype",
    metavar="DTYPES",
    help="For a stock checkpoint: in which of float32, bfloat16, float16, with commas.  [default: float32]",
)
@click.option(
    "--single",
    is_flag=True,
    help="For a stock checkpoint: run each row alone, for weights whose sums are not exact.",
)
@click.option(
    "--grid",
    type=float,
    help="For a trained network: prove it with its state rounded to multiples of this power of two.",
)
@click.option(
    "--certificate",
    metavar="FILE",
    help="Where to write the proof for `starfree check`; beside a checkpoint, its card names it.",
)
@arithmetic_option
@language_options
@state_budget
@json_option
def command(
    directory: str,
    language: str,
    task: str | None,
    dtype: str | None,
    arithmetic: str | None,
    single: bool,
    grid: float | None,
    certificate: str | None,
    alphabet: str | None,
    epsilon: str | None,
    max_states: int | None,
    timeout: Clock,
) -> Answer:
    """Prove the model in DIR equal to LANG at every length; exit 1 with a shortest word where it is not.

    With several dtypes, one after the other: exit 1 if one of them differs.
    """
    from ..models.mamba import Mamba
    from ..models.open_model import open_provable
    from ..proofs.prove import prove
    from ..proofs.prove_rounded import RoundedProof

    dtypes: list[str | None] = [None] if dtype is None else list(dict.fromkeys(dtype.split(",")))
    if certificate is not None and len(dtypes) > 1:
        raise BadInput(f"--dtype {dtype}", "one certificate is about one dtype", "Name one dtype.")
    opened = None if grid is not None else open_provable(Path(directory))
    if grid is not None and certificate is not None:
        why = "has no certificate: only its own weights and libraries could be run again"
        raise BadInput("a proof of a rounded network", why, "Leave out --certificate.")
    chosen = spoken(language, alphabet, epsilon, max_states, timeout.left())
    outcomes = []
    for one in dtypes:
        with progress("product states") as report:
            outcomes.append(
                prove(
                    directory,
                    chosen,
                    task=task,
                    dtype=one,
                    arithmetic=arithmetic,
                    single=single,
                    grid=grid,
                    max_states=max_states,
                    timeout=timeout.left(),
                    progress=report,
                )
            )
    found = outcomes[0]
    if certificate is not None and found.proved and not isinstance(found, RoundedProof):
        file = Path(certificate)
        with writing(file):
            file.write_text(json.dumps(found.certificate()) + "\n", encoding="utf-8")
            if isinstance(opened, Mamba) and file.resolve().parent == Path(directory).resolve():
                _tell_card(opened, found.to_json(), file)
    documents = [outcome.to_json() for outcome in outcomes]
    proved = all(outcome.proved for outcome in outcomes)
    document = documents[0] if len(dtypes) == 1 else {"proved": proved, "proofs": documents}
    return Answer(
        lambda: document,
        lambda screen: "\n\n".join(_text(screen, outcome) for outcome in outcomes),
        status=0 if proved else 1,
    )


def _tell_card(model: Mamba, proof: dict[str, Any], file: Path) -> None:
    """Write the model card again, with the facts of the proof and where its certificate is."""
    from ..models.checkpoint_files import write_card

    facts = {**proof, "dtype": proof["arithmetic"], "certificate": file.name}
    write_card(model, file.parent, facts)


def _text(
    screen: Screen, outcome: Proof | Difference | StockProof | StockDifference | ProgramProof | RoundedProof
) -> str:
    """Return what was proved, or the word on which model and language differ."""
    from ..proofs.prove import Difference, Proof

    if isinstance(outcome, Proof):
        return _proof(screen, outcome)
    if isinstance(outcome, Difference):
        said = "a shortest such word" if outcome.shortest else "of which no symbol can be left out"
        return _difference(screen, outcome, said, outcome.model_alphabet)
    from ..proofs.prove_program import ProgramProof
    from ..proofs.prove_rounded import RoundedProof

    if isinstance(outcome, RoundedProof):
        head = f"{screen.style('proved', 'yes')} ({outcome.task}, {outcome.arithmetic})"
        said = (
            f"{count_of(outcome.size, 'step')}, closed. With its state rounded to multiples of "
            f"{outcome.grid:g} after every step, the network's legal set is the language's after "
            f"{_AFTER[outcome.task]}."
        )
        return screen.wrap(f"{head}: {said}")
    from ..proofs.prove_stock import StockProof

    if isinstance(outcome, ProgramProof):
        return _program_proof(screen, outcome)
    if isinstance(outcome, StockProof):
        return _stock_proof(screen, outcome)
    said = "a shortest such word" if outcome.path == "one-token" else "by the full forward alone"
    return _difference(screen, outcome, said, (*outcome.model_alphabet, *outcome.special))


def _proof(screen: Screen, proof: Proof | StockProof, about: str = "") -> str:
    """Return what was proved, `about` what besides its task and arithmetic, and how large the proof is."""
    size = count_of(proof.size, "product state")
    text = f"{screen.style('proved', 'yes')} ({proof.task}, {proof.arithmetic}{about}): {size}, closed. "
    return screen.wrap(
        f"{text}The model's legal set is the language's after {_AFTER[proof.task]}, at every length."
    )


def _stock_proof(screen: Screen, proof: StockProof) -> str:
    """Return the proof, and what was measured on the way."""
    product, parallel = proof.product, proof.parallel
    same = "the same bits" if parallel.equal else f"logits that differ by up to {parallel.largest:g}"
    alone = "the same bits as in batches" if proof.alone else "other bits: this proof is about batches"
    if proof.single:
        alone = "every row was run alone" if proof.alone else "run twice, a row gave other bits"
    rows = [
        ["transitions", f"{product.transitions:,} in {proof.seconds:.1f} s: {proof.speed:,.0f} in a second"],
        ["margin", f"every logit is at least {product.margin:g} from 0"],
        ["illegal mass", f"at most {product.illegal_mass:.3g} in one step"],
        ["full forward", f"{same} on {count_of(parallel.words, 'word')} of {parallel.length:,} tokens"],
        ["single rows", alone],
        ["run with", ", ".join(f"{name} {version}" for name, version in proof.versions.items())],
    ]
    about = "" if proof.alone else ", in these batches only"
    return f"{_proof(screen, proof, about)}\n{screen.table(rows, indent=2)}"


def _program_proof(screen: Screen, proof: ProgramProof) -> str:
    """Return what is proved for every length, and what up to some."""
    cells = count_of(proof.cells, "cell")
    if proof.every_length:
        said = (
            f"{cells}, each with the gates and writes of its definition for all inputs, and so the legal set "
            f"is the program's after {_AFTER[proof.task]}, at every length."
        )
    else:
        until = "" if proof.horizon is None else f"; sums are exact up to {proof.horizon:,} symbols"
        said = (
            f"{cells}, each with the gates of its definition for all inputs; the weights are those of these "
            f"gates, bit for bit{until}."
        )
    rows = [
        [
            "short words",
            f"all up to length {proof.short} run: {count_of(proof.words, 'word')} of that length",
        ],
        ["long words", f"{count_of(proof.long_words, 'random word')} of length {proof.long_length:,} run"],
        ["time", f"{proof.seconds:.1f} s"],
    ]
    if proof.dead_given:
        rows.insert(0, ["dead", "taken from the program, and held against its legal sets on the words run"])
    head = f"{screen.style('proved', 'yes')} ({proof.task}, {proof.arithmetic}): {said}"
    return f"{screen.wrap(head)}\n{screen.table(rows, indent=2)}"


def _difference(
    screen: Screen, found: Difference | StockDifference, said: str, tokens: tuple[str, ...]
) -> str:
    """Return the word on which model and language differ, and what each says after it."""
    rows = [
        ["the model", legal_text(found.model_legal, tokens)],
        ["the language", legal_text(found.language_legal, tokens)],
    ]
    size = count_of(len(found.word), "symbol")
    word = f"after {bracketed(found.word, 400)}, {said} ({size})" if found.word else "before any symbol"
    head = f"{screen.style('not equal', 'no')} ({found.task}, {found.arithmetic}): they differ {word}."
    lines = [screen.wrap(head), "Legal next:", screen.table(rows, indent=2)]
    symbols = set(found.model_alphabet)
    special = dict.fromkeys(token for token in found.word if token not in symbols)
    if special:
        named = ", ".join(special)
        said = f"This word has special tokens, which are no symbols: {named}. "
        lines.append(screen.dim(f"{said}`starfree refute` searches among words only."))
    return "\n".join(lines)
