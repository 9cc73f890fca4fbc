"""The command `starfree`: finds the verb, runs it, and turns every outcome into output and an exit status."""

from __future__ import annotations

import contextlib
import difflib
import io
import json
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from ..errors import BudgetExceeded, StarfreeError
from .answer import Answer
from .screen import Screen

VERBS = {
    "decide": "Say which architectures can express a language at every length.",
    "build": "Write the exact weights of a model of a language.",
    "run": "Run a built model on a word.",
    "prove": "Prove a model equal to a language at every length, or give the shortest difference.",
    "refute": "Find words on which a model is wrong, and pairs of which it says the same.",
    "extract": "Print the automaton of a trained network.",
    "precision": "Say in which arithmetic each construction is right, and up to which length.",
    "learn": "Train networks on a language and measure them on longer words.",
    "study": "Decide, build, prove and learn a language, on one page.",
    "reproduce": "Run the paper's experiments and report on them.",
    "report": "Write a page about results that were learned.",
    "show": "Print a language: automaton, monoid, cascade, layers.",
    "sample": "Draw words of a language, or near misses.",
    "languages": "List the catalogue.",
    "check": "Check a certificate by independent code.",
}
RESUMABLE = ("learn", "reproduce", "study")
INTERRUPTED, INTERNAL, OUTPUT_FAILED, BROKEN_PIPE = 130, 70, 74, 141

LANG_HELP = (
    "LANG is a regular expression, @name from the catalogue, a formula of temporal logic, "
    "ltlf:FORMULA or pltl:FORMULA, or a file: .att, .json, .py:name."
)


class Verbs(click.Group):
    """The verbs, each imported only when it is the one that runs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command = import_module(f".verb_{cmd_name}", __package__).command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], VERBS, n=1, cutoff=0.5)
            do = f"Did you mean `starfree {near[0]}`?" if near else "See `starfree --help`."
            raise Unusable(f"starfree {args[0]}", "there is no such verb", do)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


class Unusable(StarfreeError):
    """The arguments themselves make no sense."""

    kind = "usage"


class Interrupted(StarfreeError):
    """The user stopped the work."""

    kind = "interrupted"
    exit_status = INTERRUPTED


class Internal(StarfreeError):
    """Something happened that is a mistake of starfree, not of its user."""

    kind = "internal"
    exit_status = INTERNAL


def _version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    """Print the version, when that is what was asked."""
    if value:
        from .. import __version__

        click.echo(f"starfree {__version__}")
        ctx.exit()


@click.command(
    cls=Verbs,
    name="starfree",
    epilog=f"{LANG_HELP}\n\n\b\nExample:\n  starfree decide '(aa)*'",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show it."
)
def starfree() -> None:
    """Decide which sequence models can express a language at every length; build the weights; prove them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Arguments:
        arguments: what stands after `starfree`; None means those of the process.

    Returns:
        0 to 3 as the verb says; 2 for bad input; 130 when interrupted; 70 for a mistake of starfree itself;
        74 when the output cannot be written.
    """
    argv = list(sys.argv[1:] if arguments is None else arguments)
    as_json = _asks_for_json(argv)
    # A process may be started with its streams closed.
    sys.stdout = sys.stdout or io.StringIO()
    sys.stderr = sys.stderr or io.StringIO()
    for stream in (sys.stdout, sys.stderr):
        # A word may hold characters that the terminal's encoding has not.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            status = _run(argv, as_json)
        except StarfreeError as error:
            status = _fail(error, as_json)
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        _silence()  # the reader has gone: say nothing
        return BROKEN_PIPE
    except _OutputFailed as failed:
        with contextlib.suppress(OSError):
            print(f"starfree: the output cannot be written: {failed.__cause__}", file=sys.stderr, flush=True)
        _silence()
        return OUTPUT_FAILED
    return status


def _asks_for_json(argv: Sequence[str]) -> bool:
    """Say whether `--json` stands before the `--` that ends the options, if any.

    A `--` that is the value of an option ends nothing; and a `--json` where a value is missing was meant.
    """
    verb = next((item for item in argv if item in VERBS), None)
    command = import_module(f".verb_{verb}", __package__).command if verb else starfree
    valued = {name for one in command.params if _takes_value(one) for name in one.opts}
    for before, item in zip(["", *argv], argv, strict=False):
        if item == "--json":
            return True
        if item == "--" and before not in valued:
            return False
    return False


def _takes_value(param: click.Parameter) -> bool:
    return isinstance(param, click.Option) and not param.is_flag


def _silence() -> None:
    """Keep Python from complaining about what it cannot flush at exit."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class _OutputFailed(Exception):
    """Standard output or standard error does not take what is written."""


def _say(text: str, *, error: bool = False) -> None:
    """Print to standard output or standard error at once."""
    try:
        print(text, file=sys.stderr if error else sys.stdout, flush=True)
    except BrokenPipeError:
        raise
    except OSError as failed:
        raise _OutputFailed from failed


def _run(argv: list[str], as_json: bool) -> int:
    """Run the verb and print its answer; every error becomes a `StarfreeError`."""
    if not argv:
        click.echo(starfree.get_help(click.Context(starfree, info_name="starfree")), err=True)
        return Unusable.exit_status
    try:
        outcome = starfree.main(argv, prog_name="starfree", standalone_mode=False)
        return _show(outcome, as_json) if isinstance(outcome, Answer) else int(outcome or 0)
    except (StarfreeError, BrokenPipeError, _OutputFailed):
        raise
    except click.UsageError as error:
        raise _usage(error) from None
    except click.ClickException as error:
        raise Unusable(f"starfree {argv[0]}", error.format_message(), "See `starfree --help`.") from None
    except (KeyboardInterrupt, click.Abort):
        do = "Run it again: it goes on." if argv[0] in RESUMABLE else "Nothing was finished."
        raise Interrupted(f"starfree {argv[0]}", "interrupted", do) from None
    except MemoryError:
        raise BudgetExceeded(
            f"starfree {argv[0]}", "this machine has no memory left", "Lower --max-states."
        ) from None
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        why = f"met an error of its own, {type(error).__name__}: {error}"
        raise Internal(f"starfree {argv[0]}", why, "Please report it, with the lines above.") from None


def _show(answer: Answer, as_json: bool) -> int:
    """Print an answer in the form that was asked for, and return its exit status."""
    if as_json:
        _print_json(answer.document())
        return answer.status
    if answer.note:
        _say(answer.note, error=True)
    text = answer.text(Screen.of(sys.stdout))
    if text:
        _say(text)
    return answer.status


def _fail(error: StarfreeError, as_json: bool) -> int:
    """Print an error in the form that was asked for, and return its exit status."""
    if as_json:
        _print_json(error.to_json())
    else:
        text = str(error)
        text = text if text.startswith("starfree ") else f"starfree: {text}"
        # A terminal would break lines anywhere; a program that reads them wants one.
        wraps = sys.stderr.isatty() and "\n" not in text
        _say(Screen.of(sys.stderr).wrap(text) if wraps else text, error=True)
    return error.exit_status


def _print_json(document: dict[str, Any]) -> None:
    _say(json.dumps(document, allow_nan=False))


def _usage(error: click.UsageError) -> Unusable:
    """Return a complaint of click's parser as one short message."""
    verb = error.ctx.command_path if error.ctx else "starfree"
    if isinstance(error, click.NoSuchOption):
        near = difflib.get_close_matches(error.option_name, error.possibilities or (), n=1, cutoff=0.75)
        do = f"Did you mean {near[0]}?" if near else f"See `{verb} --help`."
        return Unusable(verb, f"there is no option {error.option_name}", do)
    message = error.format_message().rstrip(".?")
    message = message[:1].lower() + message[1:]
    return Unusable(verb, message, f"See `{verb} --help`.")
