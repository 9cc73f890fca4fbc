"""The frame of the command line: help, usage errors, JSON for every exit status, interrupts, broken pipes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from conftest import ROOT

from starfree.cli import app, main
from starfree.cli.app import VERBS

COMMAND = [sys.executable, "-m", "starfree"]


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, **options)


def error_of(text: str) -> dict[str, str]:
    """Return the error of the one JSON document in the text."""
    document = json.loads(text)
    assert set(document) == {"error"}
    assert set(document["error"]) == {"kind", "what", "why", "do"}
    return document["error"]


def test_no_arguments_shows_the_verbs() -> None:
    done = process()
    assert done.returncode == 2
    assert done.stdout == ""
    assert all(verb in done.stderr for verb in VERBS)


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "starfree decide '(aa)*'" in capsys.readouterr().out
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("starfree 0.")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Example:\n    starfree {verb}" in shown
    assert "--json" in shown


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["decde", "a"], "starfree decide"),
        (["xyzzy"], "starfree --help"),
        (["decide"], "LANG"),
        (["decide", "a", "b"], "unexpected"),
        (["decide", "a", "--famly", "x"], "--famly"),
        (["decide", "a", "--task", "guess"], "guess"),
        (["decide", "a", "--timeout", "soon"], "--timeout soon"),
        (["decide", "a", "--timeout", "-1"], "--timeout -1"),
        (["decide", "a", "--timeout", "nan"], "--timeout nan"),
        (["decide", "a", "--timeout", "inf"], "--timeout inf"),
        (["decide", "a", "--timeout", "0"], "--timeout 0"),
        (["decide", "a", "--timeout"], "--timeout"),
        (["decide", "a", "--max-states", "0"], "--max-states 0"),
        (["decide", "a", "--max-elements", "1e6"], "--max-elements 1e6"),
        (["sample", "a"], "--length"),
        (["sample", "a", "--length", "-1"], "--length -1"),
        (["sample", "a", "--length", "1" * 5000], "too large"),
        (["--frobnicate"], "--frobnicate"),
    ],
)
def test_unusable_arguments(arguments: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert expected in shown.err
    assert shown.err.startswith("starfree")
    assert shown.err.count("\n") == 1
    assert main([*arguments, "--json"]) == 2
    shown = capsys.readouterr()
    assert expected in " ".join(error_of(shown.out).values())
    assert shown.err == ""


def test_json_after_two_dashes_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide", "--", "--json", "extra"]) == 2
    assert capsys.readouterr().out == ""


def failing(error: BaseException) -> Callable[..., None]:
    def run(*arguments: object, **options: object) -> None:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 3, "budget"),
        (ZeroDivisionError("x"), 70, "internal"),
    ],
)
def test_what_nobody_planned(
    error: BaseException,
    status: int,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(app.starfree, "invoke", failing(error))
    assert main(["languages"]) == status
    shown = capsys.readouterr()
    assert shown.out == ""
    last = shown.err.strip().splitlines()[-1]
    assert last.startswith("starfree")
    assert ("Traceback" in shown.err) == (status == 70)
    assert main(["languages", "--json"]) == status
    assert error_of(capsys.readouterr().out)["kind"] == kind


def test_interrupt_of_a_process() -> None:
    # A shell's background jobs ignore interrupts, and so would their children.
    code = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    code += "from starfree.cli import main; print('ready', flush=True); sys.exit(main())"
    arguments = ["decide", "((a|b)*a(a|b){40})", "--max-states", "100000000"]
    running = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    with pytest.raises(subprocess.TimeoutExpired):
        running.wait(1)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert out == ""
    assert "Traceback" not in err
    assert len(err.strip().splitlines()) == 1


def test_a_reader_that_goes_away_is_no_error() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [*COMMAND, "languages"], stdout=write, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(write)
    assert done.stderr == ""
    assert done.returncode == 141


def test_colour_only_where_wanted() -> None:
    from starfree.cli.screen import Screen

    class Terminal:
        def isatty(self) -> bool:
            return True

    plain = {key: value for key, value in os.environ.items() if key not in {"NO_COLOR", "TERM"}}
    for more, colour in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "environ", {**plain, **more})
            assert Screen.of(Terminal()).colour is colour
    assert "\x1b" not in process("languages").stdout


def test_output_in_a_poor_encoding() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = process("sample", "é*", "--length", "2", env=environment)
    assert done.returncode == 0
    assert done.stdout == "\\xe9\\xe9\n"


def test_starting_is_light() -> None:
    code = (
        "import sys; from starfree.cli import main; main(['languages']); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "sympy", "tqdm", "scipy", "networkx", "safetensors"} & set(done.stderr.split())


def test_module_and_script_are_the_same() -> None:
    assert 'starfree = "starfree.__main__:run"' in (ROOT / "pyproject.toml").read_text()
