"""`starfree refute`: words on which a model is wrong, and pairs of which it says the same."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import BadInput, StarfreeError
from ..languages.notation import bracketed
from .answer import Answer
from .automaton_view import legal_text
from .options import Clock, at_least, json_option, language_options, seconds
from .progress import progress
from .screen import Screen, count_of
from .spoken import spoken

if TYPE_CHECKING:
    from ..languages import Language
    from ..proofs.refutation import Finding, Refutation

_FACTORY = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_WIDE = 200  # characters of a word that are shown
_STOPS = {
    "rest": "The model is at rest: reading v once more changes nothing.",
    "drift": "What still changes, changes by the same amount with each v, and the answers stay.",
    "answers": "Its state goes on moving, so that other continuations may tell them apart.",
}


@click.command(name="refute", epilog="\b\nExample:\n  starfree refute runs/models/0a1b2c3d4e5f6789 @parity")
@click.argument("model", metavar="MODEL")
@click.argument("language", metavar="LANG")
@click.option(
    "--task",
    type=click.Choice(["recognise", "predict"]),
    help="Ask after every word, or only after prefixes of words.  [default: the model's]",
)
@click.option(
    "--decision",
    metavar="RULE",
    help="How logits are read: sign, prob:EPS or joint-class.  [default: the model's]",
)
@click.option("--dtype", metavar="DTYPE", help="Of a stock checkpoint: float32, bfloat16 or float16.")
@click.option("--arithmetic", metavar="NAME", help="Of an ssm: exact, fixed:P, float32, ..., int8wrap.")
@click.option(
    "--strategy",
    "strategies",
    multiple=True,
    type=click.Choice(["short words", "pumping", "hard words"]),
    help="Try only this; may be given again.  [default: all, in this order]",
)
@click.option(
    "--copies",
    metavar="N",
    callback=at_least(1),
    help="Most copies of a word that is pumped.  [default: 20000]",
)
@click.option(
    "--rest",
    metavar="N",
    callback=at_least(0),
    help="Copies to read on after a wrong answer, to see whether the model comes to rest.  [default: 64]",
)
@click.option(
    "--length", metavar="N", callback=at_least(1), help="Symbols of loops and hard words.  [default: 2000]"
)
@click.option(
    "--max-states",
    metavar="N",
    callback=at_least(1),
    help="Most pairs of states among the short words.  [default: 100000]",
)
@click.option("--timeout", metavar="SECONDS", callback=seconds, help="Stop after so long.  [default: none]")
@language_options
@json_option
def command(
    model: str,
    language: str,
    task: str | None,
    decision: str | None,
    dtype: str | None,
    arithmetic: str | None,
    strategies: tuple[str, ...],
    copies: int | None,
    rest: int | None,
    length: int | None,
    max_states: int | None,
    timeout: Clock,
    alphabet: str | None,
    epsilon: str | None,
) -> Answer:
    """Search for words on which MODEL is not LANG, and for two of which it says the same.

    MODEL is the directory of a model that was built or trained, or module:factory: the factory is called with
    the number of tokens and returns a torch.nn.Module. Exit 1 when something is found, 0 when the model is
    proved equal, 3 when the budget ends first.
    """
    from ..proofs.refute import COPIES, LONG, REST, STRATEGIES, refute

    chosen = spoken(language, alphabet, epsilon, None, timeout.left())
    opened = _opened(model, chosen)
    with progress("steps") as report:
        found = refute(
            opened,
            chosen,
            task=task,
            decision=decision,
            dtype=dtype,
            arithmetic=arithmetic,
            strategies=strategies or STRATEGIES,
            copies=copies or COPIES,
            rest=REST if rest is None else rest,
            length=length or LONG,
            max_states=max_states,
            timeout=timeout.left(),
            progress=None if report is None else lambda strategy, done: report(done),
        )
    return Answer(
        found.to_json,
        lambda screen: _text(screen, found),
        status=1 if found.refuted else 0 if found.proved else 3,
    )


def _opened(model: str, language: Language) -> Any:
    if _FACTORY.fullmatch(model) and not Path(model).exists():
        from ..models.networks.factories import factory_named

        try:
            return factory_named(model)(len(language.alphabet) + 4)
        except StarfreeError:
            raise
        except (Exception, SystemExit) as error:
            why = f"failed: {type(error).__name__}: {error}"
            raise BadInput(f"model {model}", why, "Let it take the number of tokens.") from None
    from ..models.open_model import open_model

    return open_model(model)


def _text(screen: Screen, found: Refutation) -> str:
    about = f"({found.task}, {found.decision}, {found.arithmetic})"
    if found.proved:
        said = "every pair of a state of the model and one of the language was seen, and all are right."
        return screen.wrap(f"{screen.style('proved', 'yes')} {about}: {said}")
    blocks = [_finding(screen, found, each) for each in sorted(found.findings, key=lambda each: each.kind)]
    head = screen.style("refuted", "no") if blocks else screen.style("nothing found", "open")
    why = f"A pair is certain to exist: {found.because}." if found.guaranteed else f"{found.because}."
    rows = [[each.strategy, f"{each.seconds:.1f} s", each.outcome] for each in found.attempts]
    why = why[:1].upper() + why[1:]
    return "\n\n".join([f"{head} {about}", *blocks, f"{screen.table(rows)}\n{screen.dim(screen.wrap(why))}"])


def _finding(screen: Screen, found: Refutation, each: Finding) -> str:
    tokens = found.alphabet
    rows = []
    if each.pumped is not None:
        u, v, w, copies = each.pumped
        same = "Two words of which the model says the same, and the language does not"
        if each.equal_states:
            same = "Two words that the model cannot tell apart, bit for bit the same state"
        title = f"{same}: u v^m w for m = {copies:,} and {copies + 1:,}"
        rows += [["u", bracketed(u, _WIDE)], ["v", bracketed(v, _WIDE)], ["w", bracketed(w, _WIDE)]]
        rows += [["both words, the model", legal_text(each.model_legal[0], tokens)]]
        rows += [
            [f"m = {m:,}, the language", legal_text(legal, tokens)]
            for m, legal in zip((copies, copies + 1), each.language_legal, strict=True)
        ]
        end = [screen.dim(_STOPS[each.stop or "answers"])]
    else:
        word = each.words[0]
        size = count_of(len(word), "symbol")
        shortest = "a shortest word" if each.strategy == "short words" else "a word"
        place = f"after {bracketed(word, _WIDE)}, {shortest} ({size})" if word else "before any symbol"
        title = f"Wrong {place}" if each.kind == "word" else f"The two ways of running it differ {place}"
        rows += [["the model", legal_text(each.model_legal[0], tokens)]]
        rows += [["the language", legal_text(each.language_legal[0], tokens)]]
        end = []
    if each.path != "recurrent" or each.kind == "paths":
        ways = {
            "both": "on both paths",
            "parallel": "on the parallel path",
            "recurrent": "on the recurrent path",
        }
        title += f", {ways[each.path]}"
    return "\n".join([screen.wrap(title + "."), screen.table(rows, indent=2), *end])
