"""Every mistake a user can make ends in one short message, an exit status and, with --json, one document."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

import pytest

import starfree
from starfree.cli import main
from starfree.errors import BudgetExceeded

TOO_LARGE = "((a|b)*a(a|b){25})"
SECONDS = 15  # of processor time, so that a busy machine does not matter
MEMORY = 1 << 30


def outcome(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Run a verb both ways, check what holds of every error, and return its status and message."""
    status = main(arguments)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("starfree")
    assert "Traceback" not in shown.err
    assert len(shown.err) < 1000
    assert shown.err.count("\n") <= 4
    assert main([*arguments, "--json"]) == status
    document = json.loads(capsys.readouterr().out)
    assert set(document["error"]) == {"kind", "what", "why", "do"}
    assert all(isinstance(text, str) and text for text in document["error"].values())
    return status, shown.err


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        ("(ab", "("),
        ("ab)", ")"),
        ("[]", "[]"),
        ("[ab", "["),
        ("a|", "()"),
        ("*a", "*"),
        ("a{3,2}", "3"),
        ("a{2", "{"),
        ("ab\\", "\\"),
        ("", "()"),
        ("@parit", "@parity"),
        ("@", "languages"),
        ("@mod_0", "mod_0"),
        ("ltlf:F Y a", "character 3"),
        ("nowhere.att", "nowhere.att"),
        ("nowhere.json", "nowhere.json"),
        ("nowhere.py:x", "nowhere.py"),
    ],
)
@pytest.mark.parametrize("verb", ["decide", "show"])
def test_languages_that_cannot_be_read(
    verb: str, spec: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, message = outcome([verb, spec], capsys)
    assert status == 2
    assert says in message


def test_the_place_of_a_mistake_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    _, message = outcome(["decide", "ab(c|d"], capsys)
    assert "ab(c|d" in message
    assert "^" in message


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("0 1\n", "line 1"),
        ("0 1 a b c d e\n", "line 1"),
        ("0 1 a b\n1\n", "line 1"),
        ("0 1 a a 0.5\n1\n", "line 1"),
        ("", "start"),
        (b"\xff\xfe\x00", "file"),
    ],
)
def test_malformed_att(
    content: str | bytes, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "broken.att"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    status, message = outcome(["decide", str(path)], capsys)
    assert status == 2
    assert says in message


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "{}", '{"format": "starfree-dfa"}', "9" * 5000, "[" * 100_000]
)
def test_malformed_json(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.json"
    path.write_text(content)
    assert outcome(["decide", str(path)], capsys)[0] == 2


def test_a_directory_is_no_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "folder.att").mkdir()
    assert outcome(["decide", str(tmp_path / "folder.att")], capsys)[0] == 2


def test_symbols_outside_the_alphabet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.att"
    path.write_text("0 1 c\n1\n")
    status, message = outcome(["decide", str(path), "--alphabet", "ab"], capsys)
    assert status == 2
    assert "c" in message
    assert outcome(["decide", "@parity", "--alphabet", "ab"], capsys)[0] == 2
    assert outcome(["decide", "a", "--alphabet", "aa"], capsys)[0] == 2
    assert main(["decide", "a", "--alphabet", "abc"]) == 0


def test_words_that_are_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    status, message = outcome(["sample", "(aa)*", "--length", "3"], capsys)
    assert status == 2
    assert "2" in message
    assert "4" in message
    assert outcome(["sample", "a&b", "--length", "3"], capsys)[0] == 2


def test_a_family_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["decide", "a", "--family", "transfomer-hard"], capsys)[0] == 2


def model_in(folder: Path, spec: str = "(ab)*") -> Path:
    starfree.build(spec).save(folder)
    return folder


def test_words_outside_the_models_alphabet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = str(model_in(tmp_path / "model"))
    assert main(["run", model, "abab"]) == 0
    assert main(["run", model, "aba"]) == 1
    assert main(["run", model, ""]) == 0
    capsys.readouterr()
    assert outcome(["run", model, "abx"], capsys)[0] == 2
    assert outcome(["prove", model, "(abc)*"], capsys)[0] == 2


def test_damaged_model_directories(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert outcome(["run", str(tmp_path / "nowhere"), "ab"], capsys)[0] == 2
    folder = model_in(tmp_path / "model")
    weights, config = folder / "model.safetensors", folder / "config.json"
    good_weights, good_config = weights.read_bytes(), config.read_text()
    for damaged in (b"", good_weights[:7], good_weights[:100], good_weights[:-1], good_weights[:-400]):
        weights.write_bytes(damaged)
        for verb, last in (("run", "ab"), ("prove", "(ab)*")):
            assert outcome([verb, str(folder), last], capsys)[0] == 2
    weights.unlink()
    assert outcome(["run", str(folder), "ab"], capsys)[0] == 2
    weights.write_bytes(good_weights)
    edits = [
        ("", 0, 0),
        (good_config[:-20], 0, 0),
        (good_config, '"fraction_bits": 16', '"fraction_bits": true'),
        (good_config, '"fraction_bits": 16', '"fraction_bits": 10000000000'),
        (good_config, '"shift": false', '"shift": true'),
        (good_config, '"layers"', '"levels"'),
        (good_config, "starfree-ssm-1", "starfree-ssm-9"),
    ]
    for text, old, new in edits:
        assert not old or str(old) in text
        config.write_text(text.replace(str(old), str(new)) if old else text)
        assert outcome(["run", str(folder), "ab"], capsys)[0] == 2, (old, new)


def test_an_edited_weight_is_found_by_the_proof(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = model_in(tmp_path / "model")
    assert main(["prove", str(folder), "(ab)*", "--certificate", str(folder / "proof.json")]) == 0
    assert main(["check", str(folder / "proof.json"), "(ab)*"]) == 0
    other = starfree.build("(ba)*")
    other.save(folder)
    assert main(["prove", str(folder), "(ab)*", "--json"]) == 1
    shown = capsys.readouterr().out.splitlines()[-1]
    assert json.loads(shown)["word"] in {"", "a", "b"}
    assert main(["check", str(folder / "proof.json")]) == 1


def test_a_certificate_of_another_language(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(json.dumps(starfree.decide("(aa)*")["diagonal-nonnegative"].certificate))
    assert main(["check", str(path)]) == 0
    assert main(["check", str(path), "(aa)*"]) == 0
    assert main(["check", str(path), "(aaa)*"]) == 1
    assert main(["check", str(path), "(aa)*", "--alphabet", "ab"]) == 1
    capsys.readouterr()
    assert main(["check", str(path), "(bb)*", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["accepted"] is False
    assert document["reason"]


@pytest.mark.parametrize("content", ["", "{", "nonsense", "[" * 100_000, b"\xff\xfe"])
def test_certificates_that_are_no_json(
    content: str | bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "certificate.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert outcome(["check", str(path)], capsys)[0] == 2
    assert outcome(["check", str(tmp_path / "nowhere.json")], capsys)[0] == 2
    assert outcome(["check", str(tmp_path)], capsys)[0] == 2


@pytest.mark.parametrize(
    "content", ["{}", "[]", "null", "1e999", '"x"', '{"format": "starfree-certificate-1"}']
)
def test_certificates_that_say_nothing_are_rejected(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "certificate.json"
    path.write_text(content)
    assert main(["check", str(path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["accepted"] is False


def test_places_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("here already")
    assert outcome(["build", "(ab)*", "--out", str(tmp_path / "file")], capsys)[0] == 2
    model = str(model_in(tmp_path / "model"))
    where = str(tmp_path / "nowhere" / "proof.json")
    assert outcome(["prove", model, "(ab)*", "--certificate", where], capsys)[0] == 2


def limited() -> None:
    resource.setrlimit(
        resource.RLIMIT_AS, (4 * MEMORY, 4 * MEMORY)
    )  # a runaway must not take the machine along


@pytest.mark.parametrize(
    "arguments",
    [
        ["decide", TOO_LARGE],
        ["decide", TOO_LARGE, "--max-states", "1000"],
        ["decide", "((a|b)*a(a|b){60})", "--timeout", "2", "--max-states", "100000000"],
        ["decide", "a{1000000}", "--timeout", "2"],
        ["build", "a{1000000}", "--out", "never", "--timeout", "2"],
        ["show", "~((a|b)*a(a|b){40})", "--timeout", "2"],
        ["decide", "(((a{1000}){1000}){1000}){1000}"],
        ["decide", "((a?){900}){900}", "--timeout", "2"],
        ["decide", "(a|b)*a(a|b){16}", "--timeout", "3"],
        ["decide", "@s_9", "--timeout", "3"],
        ["build", "@z_70000", "--out", "never", "--timeout", "1"],
        ["show", "@s_9", "--timeout", "3"],
    ],
)
def test_budgets_end_the_work_in_time_and_memory(arguments: list[str]) -> None:
    code = (
        "import resource, sys; from starfree.cli import main; status = main();"
        "used = resource.getrusage(resource.RUSAGE_SELF);"
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments, "--json"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limited,
        timeout=300,
    )
    assert done.returncode == 3, done.stdout[:500] + done.stderr[:500]
    seconds, memory = done.stderr.split()[-2:]
    assert float(seconds) < SECONDS
    assert int(memory) < MEMORY
    document = json.loads(done.stdout)
    if "error" in document:
        assert document["error"]["kind"] == "budget"
    elif arguments[0] == "show":
        assert document["stopped"]
    else:
        assert "unknown" in {verdict["expressible"] for verdict in document["verdicts"]}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["csv_row"], "did you mean @csv_row?"),
        (["^ab"], "ordinary symbols"),
        (["ab$"], "ordinary symbols"),
        (["a.b"], "the symbols written, a b; widen with --alphabet"),
        (["a[^b]"], "widen with --alphabet"),
        ([r"a\.b"], ""),
        ([r"[.$\]^]a\^"], ""),
        (["a.b", "--alphabet", "abc"], ""),
        (["@c_comment"], ""),
    ],
)
def test_notes_on_what_may_not_be_meant(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    verb = ["show", *arguments]
    assert main(verb) == 0
    shown = capsys.readouterr().err
    assert says in shown
    assert shown.count("\n") == bool(says)
    assert main([*verb, "--json"]) == 0
    assert capsys.readouterr().err == ""


def test_a_python_file_needs_a_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.py").write_text("")
    status, message = outcome(["decide", str(tmp_path / "bad.py")], capsys)
    assert status == 2
    assert "bad.py:name" in message


def test_only_close_options_are_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    _, message = outcome(["prove", "model", "a", "--out", "x"], capsys)
    assert "--timeout" not in message
    _, message = outcome(["decide", "a", "--famly", "x"], capsys)
    assert message.endswith("Did you mean --family?\n")


def _process(arguments: str) -> subprocess.CompletedProcess[str]:
    command = f"{sys.executable} -m starfree {arguments}"
    return subprocess.run(command, shell=True, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("decide '(ab)*' --json >/dev/full", 74),
        ("decide '(ab)*' >/dev/full", 74),
        ("decide '(ab' 2>/dev/full", 74),
        ("decide '(ab)*' >&-", 0),
        ("decide '(ab' 2>&-", 2),
    ],
)
def test_output_that_cannot_be_written_is_no_verdict(arguments: str, status: int) -> None:
    done = _process(arguments)
    assert done.returncode == status
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments", ["check /dev/zero", "decide {}/nowhere.att", "check {}/pipe", "decide {}/pipe.att"]
)
def test_what_is_no_file_is_not_read(arguments: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "pipe.att")
    done = _process(arguments.format(tmp_path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_a_model_of_devices_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "config.json").symlink_to("/dev/zero")
    done = _process(f"run {tmp_path} ''")
    assert done.returncode == 2
    assert "is not a file" in done.stderr


@pytest.mark.parametrize(
    "body",
    [
        "print('hello'); x = regex('(ab)*')",
        "import os; os.write(1, b'hello'); os.system('echo hello'); x = regex('(ab)*')",
        "raise BaseException('x')",
    ],
)
def test_a_python_file_that_prints_or_raises_leaves_one_document(body: str, tmp_path: Path) -> None:
    (tmp_path / "file.py").write_text("from starfree import regex\n" + body + "\n")
    done = _process(f"decide {tmp_path}/file.py:x --json")
    json.loads(done.stdout)
    assert done.returncode == (0 if "hello" in body else 2)
    assert "Traceback" not in done.stderr


def test_a_certificate_with_a_repeated_key_is_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text('{"claim": "yes", "claim": "no"}')
    done = _process(f"check {tmp_path}/c.json")
    assert done.returncode == 2
    assert "not a JSON document" in done.stderr


PYTHON_LANGUAGE = """
from starfree import END, Language
class One(Language):
    alphabet, start = ("a",), 0
    def step(self, state, symbol): return state
    def legal(self, state): return frozenset(["a", END])
class Bare(One):
    alphabet = property()
class Steps(One):
    def step(self, state, symbol): raise RuntimeError("boom")
class Raises(One):
    @property
    def dfa(self): raise RuntimeError("boom")
class Nothing(One):
    dfa = None
class Counter(One):
    kind = "counter"
one, bare, steps, raises, nothing, counter = One(), Bare(), Steps(), Raises(), Nothing(), Counter()
"""


@pytest.mark.parametrize(
    ("name", "says"),
    [("bare", "alphabet"), ("steps", "boom"), ("raises", "boom"), ("nothing", "not a DFA")],
)
@pytest.mark.parametrize("verb", ["decide", "show", "sample --length 2", "build --out never"])
def test_mistakes_in_a_python_language(
    verb: str, name: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file.py").write_text(PYTHON_LANGUAGE)
    first, *options = verb.split()
    status, message = outcome([first, f"{tmp_path}/file.py:{name}", *options], capsys)
    assert status == 2
    assert says in message


def test_a_python_language_needs_no_more_than_the_protocol(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = f"{tmp_path}/file.py:one"
    (tmp_path / "file.py").write_text(PYTHON_LANGUAGE)
    assert main(["decide", spec, "--json"]) == 0
    language = json.loads(capsys.readouterr().out)["language"]
    assert language == {"spec": spec, "kind": "regular", "alphabet": ["a"], "states": 1}


def test_a_counter_language_has_no_certificate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file.py").write_text(PYTHON_LANGUAGE)
    file = tmp_path / "c.json"
    asked = ["decide", f"{tmp_path}/file.py:counter", "--family", "Mamba", "--certificate", str(file)]
    status, message = outcome(asked, capsys)
    assert status == 2
    assert "one that counts" in message
    assert not file.exists()


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["decide", "--alphabet", "--", "a", "--json"], True),
        (["decide", "a", "--timeout", "--json"], True),
        (["decide", "a", "--frob", "--json"], True),
        (["decide", "--", "a", "--json"], False),
        (["decide", "--", "(", "a", "--json"], False),
        (["--json", "decide", "a"], True),
        (["sample", "a", "-n", "--json"], True),
        (["nothing", "--json"], True),
    ],
)
def test_errors_are_a_document_exactly_when_it_was_asked_for(
    arguments: list[str], asked: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    if main(arguments) == 0:
        assert not capsys.readouterr().out.startswith("{")
        return
    shown = capsys.readouterr()
    assert bool(shown.out) == asked
    assert bool(shown.err) != asked


@pytest.mark.parametrize("verb", ["decide", "show", "build", "sample", "check", "prove"])
def test_a_command_has_one_deadline(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What reading the language takes is taken off the time of what follows."""
    seen: list[float] = []

    def read(*arguments: object) -> starfree.Language:
        seen.append(float(str(arguments[-1])))
        time.sleep(0.2)
        return starfree.regex("(ab)*")

    def work(*arguments: object, timeout: float, **options: object) -> None:
        seen.append(timeout)
        raise BudgetExceeded("working", "the time limit ran out", "Raise --timeout.")

    model = str(model_in(tmp_path / "model"))
    monkeypatch.setattr(import_module(f"starfree.cli.verb_{verb}"), "spoken", read)
    home = {"decide": "verdicts", "show": "targets", "build": "targets", "sample": "languages"}
    monkeypatch.setattr(import_module(f"starfree.{home.get(verb, 'proofs')}.{verb}"), verb, work)
    before = {"check": ["c.json"], "prove": [model]}.get(verb, [])
    after = {"build": ["--out", "never"], "sample": ["--length", "2"]}.get(verb, [])
    assert main([verb, *before, "(ab)*", *after, "--timeout", "5"]) == 3
    capsys.readouterr()
    assert seen[0] <= 5
    assert seen[1] <= seen[0] - 0.2


@pytest.mark.parametrize(
    ("alphabet", "says"),
    [
        (["a", ""], "empty symbol"),
        (["a", "b c"], "whitespace"),
        (["a", "\ud800"], "surrogate"),
    ],
)
def test_a_model_whose_words_cannot_be_written(
    alphabet: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = model_in(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "alphabet": alphabet}))
    status, message = outcome(["run", str(folder), ""], capsys)
    assert status == 2
    assert says in message


@pytest.mark.parametrize("content", ['{"task": "predict", %s', '{"origin": ' + "[" * 200_000, "9" * 5000])
def test_a_model_whose_configuration_has_two_readings_or_none(
    content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = model_in(tmp_path / "model")
    rest = (folder / "config.json").read_text().lstrip("{")
    (folder / "config.json").write_text(content.replace("%s", rest))
    status, message = outcome(["run", str(folder), ""], capsys)
    assert status == 2
    assert "config.json" in message


def test_a_space_that_is_no_symbol_is_not_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, message = outcome(["run", str(model_in(tmp_path / "model")), "a b"], capsys)
    assert status == 2
    assert "' '" in message
