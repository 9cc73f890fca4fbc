"""The catalogue: every language against an independent definition, and star-freeness computed."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise, product
from math import factorial
from uuid import UUID

import numpy as np
import pytest
from conftest import count
from expressions import all_words

from starfree.budgets import Budget
from starfree.errors import BadInput, BudgetExceeded
from starfree.languages import DFA, catalog, format_word, groups, regex
from starfree.languages.groups import format_generators, parse_generators, word_problem

STAR_FREE = {
    "paper": "tomita_1 tomita_2 tomita_4 tomita_7 aa_bb_cc_dd_ee ab_d_bc zot_02 d_2 d_3 d_4 d_12 flip_flop",
    "groups": "",
    "daily life": "iso_date time_of_day ipv4 mac_address uuid hex_colour hex_bytes_colon json_number "
    "grouped_number json_string_simple c_comment c_identifier csv_row_curly http_status semantic_version "
    "roman_numeral dna_any_frame brackets_8 tcp",
}
SIBLINGS = {
    "json_string": "json_string_simple",
    "csv_row": "csv_row_curly",
    "dna_frame": "dna_any_frame",
    "hex_bytes": "hex_bytes_colon",
}


def is_aperiodic(language: DFA) -> bool:
    """List the transition monoid and look for an element whose powers do not settle."""
    generators = {tuple(language.table[:, a].tolist()) for a in range(len(language.alphabet))}
    identity = tuple(range(language.states))
    seen, queue = {identity}, [identity]
    for element in queue:
        for generator in generators:
            after = tuple(generator[q] for q in element)
            if after not in seen:
                seen.add(after)
                queue.append(after)
                assert len(seen) < 60_000
    for element in seen:
        power = element
        for _ in range(language.states):
            power = tuple(element[q] for q in power)
        if tuple(element[q] for q in power) != power:
            return False
    return True


@pytest.mark.parametrize("name", catalog.regular)
def test_star_freeness_is_as_listed(name: str) -> None:
    section = next(entry.section for entry in catalog.entries() if entry.name == name)
    assert is_aperiodic(catalog[name]) == (name in STAR_FREE[section].split())


def test_siblings_differ_in_star_freeness() -> None:
    free = STAR_FREE["daily life"].split()
    for one, other in SIBLINGS.items():
        assert one not in free
        assert other in free
        assert f"star-free sibling of {one}" in {e.name: e for e in catalog.entries()}[other].description


def excess(word: str, up: str = "a", down: str = "b") -> list[int]:
    return [word[:i].count(up) - word[:i].count(down) for i in range(len(word) + 1)]


def balanced(depth: int) -> Callable[[str], bool]:
    return lambda w: excess(w)[-1] == 0 and all(0 <= e <= depth for e in excess(w))


def tomita_3(word: str) -> bool:
    runs = [m.group() for m in re.finditer("0+|1+", word)]
    pairs = pairwise(runs)
    return not any(a[0] == "1" and len(a) % 2 and len(b) % 2 for a, b in pairs)


def flip_flop(word: str) -> bool:
    pairs = [word[i : i + 2] for i in range(0, len(word), 2)]
    if not all(re.fullmatch("[wri][01]", pair) for pair in pairs) or (pairs and pairs[0][0] != "w"):
        return False
    latest = ""
    for kind, bit in pairs:
        if kind == "r" and bit != latest:
            return False
        latest = bit if kind == "w" else latest
    return True


PAPER: dict[str, Callable[[str], bool]] = {
    "tomita_1": lambda w: "0" not in w,
    "tomita_2": lambda w: w == "10" * (len(w) // 2),
    "tomita_3": tomita_3,
    "tomita_4": lambda w: "000" not in w,
    "tomita_5": lambda w: w.count("0") % 2 == 0 == w.count("1") % 2,
    "tomita_6": lambda w: (w.count("0") - w.count("1")) % 3 == 0,
    "tomita_7": lambda w: len(re.findall("10", w)) <= 1,
    "parity": lambda w: w.count("1") % 2 == 0,
    "aa_star": lambda w: len(w) % 2 == 0,
    "aaaa_star": lambda w: len(w) % 4 == 0,
    "abab_star": lambda w: w == "abab" * (len(w) // 4),
    "aa_bb_cc_dd_ee": lambda w: set(w) == set("abcde") and list(w) == sorted(w),
    "ab_d_bc": lambda w: w.count("d") == 1 and "c" not in w.split("d")[0] and "a" not in w.split("d")[1],
    "zot_02": lambda w: w.rstrip("2").endswith("0"),
    "d_2": balanced(2),
    "d_3": balanced(3),
    "d_4": balanced(4),
    "d_12": balanced(12),
    "flip_flop": flip_flop,
}
LENGTHS = {1: 20, 2: 12, 3: 8, 4: 7, 5: 6}


def test_the_paper_is_complete() -> None:
    assert set(PAPER) == {entry.name for entry in catalog.entries() if entry.section == "paper"}


@pytest.mark.parametrize("name", list(PAPER))
def test_paper_languages(name: str) -> None:
    language = catalog[name]
    words = sorted(all_words("".join(language.alphabet), LENGTHS[len(language.alphabet)]))
    assert [w for w in words if w in language] == [w for w in words if PAPER[name](w)]


def test_deep_brackets_go_deep() -> None:
    for n in (0, 1, 5, 12, 30):
        language = catalog[f"d_{n}"]
        for depth in (n, n + 1):
            assert ("a" * depth + "b" * depth in language) == (depth <= n)
        assert language.states == n + 2
        assert language == regex(language.definition or "", "ab")
    assert "(" * 8 + ")" * 8 + "()" in catalog["brackets_8"]
    assert "(" * 9 + ")" * 9 not in catalog["brackets_8"]


def is_date(word: str) -> bool:
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", word):
        return False
    try:
        return bool(date.fromisoformat("2024" + word[4:]))
    except ValueError:
        return False


def is_ipv4(word: str) -> bool:
    try:
        return str(ipaddress.IPv4Address(word)) == word
    except ValueError:
        return False


def is_uuid(word: str) -> bool:
    try:
        return str(UUID(word)) == word
    except ValueError:
        return False


def is_json(kind: type | tuple[type, ...]) -> Callable[[str], bool]:
    def check(word: str) -> bool:
        try:
            return word == word.strip() and isinstance(json.loads(word), kind)
        except ValueError:
            return False

    return check


def is_simple_json_string(word: str) -> bool:
    return is_json(str)(word) and "\\\\" not in word


def is_comment(word: str) -> bool:
    return len(word) >= 4 and word.startswith("/*") and word.find("*/", 2) == len(word) - 2


def fields(word: str, left: str, right: str) -> bool:
    """Read a CSV row symbol by symbol; a quote doubled inside a quoted field is part of it."""
    i = 0
    while True:
        if word[i : i + 1] == left:
            i += 1
            while True:
                end = word.find(right, i)
                if end < 0:
                    return False
                i = end + 1
                if left != right or word[i : i + 1] != right:
                    break
                i += 1
        else:
            while i < len(word) and word[i] not in f",{left}{right}":
                i += 1
        if i == len(word):
            return True
        if word[i] != ",":
            return False
        i += 1


def is_roman(word: str) -> bool:
    digit = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    values = [digit[c] for c in word]
    total = sum(-v if v < max(values[i:]) else v for i, v in enumerate(values))
    parts = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"))
    text = ""
    for value, letters in (*parts, (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")):
        text += letters * max(0, total // value)
        total -= value * max(0, total // value)
    return text == word != "" and "MMMM" not in word


def is_frame(word: str) -> bool:
    codons = [word[i : i + 3] for i in range(0, len(word), 3)]
    stops = {"TAA", "TAG", "TGA"}
    return len(codons) > 1 and codons[0] == "ATG" and codons[-1] in stops and not stops & set(codons[:-1])


def is_version(word: str) -> bool:
    core, dash, tail = word.partition("-")
    numbers = core.split(".")
    right = len(numbers) == 3 and all(n.isdigit() and str(int(n)) == n for n in numbers)
    return right and (not dash or all(part and re.fullmatch("[0-9a-z-]+", part) for part in tail.split(".")))


DAILY: dict[str, Callable[[str], bool]] = {
    "iso_date": is_date,
    "time_of_day": lambda w: (
        bool(re.fullmatch(r"\d\d(:\d\d){1,2}", w))
        and all(int(part) < limit for part, limit in zip(w.split(":"), (24, 60, 60), strict=False))
    ),
    "ipv4": is_ipv4,
    "mac_address": lambda w: [len(part) for part in w.split(":")] == [2] * 6,
    "uuid": is_uuid,
    "hex_colour": lambda w: w[:1] == "#" and "#" not in w[1:] and len(w) in (4, 7),
    "hex_bytes": lambda w: len(w) % 2 == 0,
    "hex_bytes_colon": lambda w: all(len(part) == 2 for part in w.split(":")),
    "base64": lambda w: len(w) % 4 == 0 and "=" not in w[:-2] and (w[-1:] == "=" or "=" not in w),
    "json_number": is_json((int, float)),
    "grouped_number": lambda w: w.replace(",", "").isdigit() and f"{int(w.replace(',', '')):,}" == w,
    "json_string": is_json(str),
    "json_string_simple": is_simple_json_string,
    "c_comment": is_comment,
    "c_identifier": str.isidentifier,
    "csv_row": lambda w: fields(w, '"', '"'),
    "csv_row_curly": lambda w: fields(w, "“", "”"),
    "http_status": lambda w: (
        w[:9] in ("HTTP/1.0 ", "HTTP/1.1 ")
        and bool(re.fullmatch("[1-5][0-9][0-9] ", w[9:13]))
        and not set(w[13:]) & set("0123456789./")
    ),
    "semantic_version": is_version,
    "roman_numeral": is_roman,
    "dna_frame": is_frame,
    "dna_any_frame": lambda w: len(w) >= 6 and w[:3] == "ATG" and w[-3:] in ("TAA", "TAG", "TGA"),
    "brackets_8": lambda w: excess(w, "(", ")")[-1] == 0 and all(0 <= e <= 8 for e in excess(w, "(", ")")),
    "tcp": lambda w: is_connection(w.split()),
}


def is_connection(events: Sequence[str]) -> bool:
    """Follow both halves of a connection, apart from the states of the standard."""
    opened = sent = listening = up = ours = theirs = acked = False
    for event in events:
        if not opened:
            if event not in ("passive-open", "active-open"):
                return False
            opened, sent, listening = True, event == "active-open", event == "passive-open"
            up = ours = theirs = acked = got = False
        elif not up and not ours:
            if event == "close" and not got:
                opened = False
            elif event == "close":
                ours, up = True, True
            elif event == "send" and listening and not sent and not got:
                sent = True
            elif event == "rcv-syn" and not got:
                got = True
            elif (event == "rcv-syn-ack" and sent and not got) or (event == "rcv-ack" and got):
                up = True
            elif event == "rcv-rst" and got:
                got, sent, listening = False, False, True
            else:
                return False
        elif event == "close" and not ours:
            ours = True
        elif event == "rcv-fin" and not theirs:
            theirs, closing = True, ours and not acked
        elif event == "rcv-ack" and ours and not acked:
            acked = True
            if theirs and not closing:
                opened = False
        elif event == "rcv-fin-ack" and ours and not acked and not theirs:
            theirs = acked = closing = True
        elif event == "timeout" and acked and theirs:
            opened = False
        else:
            return False
    return not opened


def test_daily_life_is_complete() -> None:
    assert set(DAILY) == {entry.name for entry in catalog.entries() if entry.section == "daily life"}
    assert len(DAILY) >= 16


@pytest.mark.parametrize("name", list(DAILY))
def test_daily_languages(name: str) -> None:
    """Words of the language, words close to them and random words, against an independent reader."""
    language, number = catalog[name], count(30, 400)
    rng = np.random.default_rng(41)
    inside = [w for n in range(0, 45) if language.count(n) for w in language.sample(n, 3, seed=n)]
    assert inside
    wrong = [w for w in inside if not DAILY[name](format_word(w, language.alphabet))]
    assert wrong == []
    chosen = [inside[i] for i in rng.integers(len(inside), size=number)]
    close = [w for i, v in enumerate(chosen) for w in language.near_misses(v, 2, 3, seed=i)]
    assert close
    wrong = [w for w in close if DAILY[name](format_word(w, language.alphabet))]
    assert wrong == []
    for length in range(4):
        symbols = rng.choice(language.alphabet, (number, length)).tolist()
        for word in symbols:
            assert (word in language) == DAILY[name](format_word(word, language.alphabet)), word


def test_tcp_in_full() -> None:
    language = catalog["tcp"]
    open_then_shut = ["active-open", "rcv-syn-ack", "close", "rcv-ack", "rcv-fin", "timeout"]
    assert open_then_shut in language
    assert open_then_shut * 2 in language
    assert open_then_shut[:-1] not in language
    for length in range(5):
        words = list(product(language.alphabet, repeat=length))
        assert [w in language for w in words] == [is_connection(w) for w in words]


@pytest.mark.parametrize("name", catalog.regular)
def test_definitions_stand_alone(name: str) -> None:
    language = catalog[name]
    assert language.spec == f"@{name}"
    if name == "tcp":
        assert language.definition is None
    elif (language.definition or "").startswith("@group["):
        again = catalog[language.definition[1:]]  # type: ignore[index]
        assert (again.table == language.table).all()
        assert (again.accepting == language.accepting).all()
    else:
        assert regex(language.definition or "", language.alphabet) == language


def test_entries_are_sentences() -> None:
    entries = catalog.entries()
    assert len({entry.name for entry in entries}) == len(entries) == len(catalog) == len(list(catalog))
    for entry in entries:
        assert entry.description[0].isupper()
        assert entry.description.endswith(".")
        assert entry.name in catalog


def identity(permutations: dict[str, Sequence[int]], word: Sequence[str]) -> bool:
    points = list(range(len(next(iter(permutations.values())))))
    for symbol in word:
        points = [permutations[symbol][p] for p in points]
    return points == sorted(points)


@pytest.mark.parametrize(
    ("name", "generators"),
    [
        ("s_3", {"a": [1, 0, 2], "b": [1, 2, 0]}),
        ("s_4", {"a": [1, 0, 2, 3], "b": [1, 2, 3, 0]}),
        ("a_4", {"a": [1, 2, 0, 3], "b": [0, 2, 3, 1]}),
        ("a_5", {"a": [1, 2, 0, 3, 4], "b": [1, 2, 3, 4, 0]}),
        ("group[(1 2)(3 4),(2 3), ()]", {"g1": [1, 0, 3, 2], "g2": [0, 2, 1, 3], "g3": [0, 1, 2, 3]}),
        ("z_4", {"a": [1, 2, 3, 0]}),
    ],
)
def test_word_problems(name: str, generators: dict[str, Sequence[int]]) -> None:
    language = catalog[name]
    assert language.alphabet == tuple(generators)
    for length in range(7):
        for word in product(language.alphabet, repeat=length):
            assert (word in language) == identity(generators, word)


def test_orders_of_groups() -> None:
    for n in range(2, 8):
        assert catalog[f"s_{n}"].states == factorial(n)
        assert n == 2 or catalog[f"a_{n}"].states == factorial(n) // 2
    for k in (1, 2, 3, 7):
        assert catalog[f"z_{k}"].states == catalog[f"mod_{k}"].states == k
        assert catalog[f"mod_{k}"] == regex(f"(b|a(b*a){{{k - 1}}})*", "ab")
    assert catalog["mod(3)"] == catalog["mod_3"]
    assert catalog["tomita(4)"] == catalog["tomita_4"]


def test_generators_in_cycles() -> None:
    rng = np.random.default_rng(42)
    for _ in range(count(50, 500)):
        generators = np.stack([rng.permutation(9) for _ in range(3)])
        again = parse_generators(format_generators(generators))
        assert (again == generators[:, : again.shape[1]]).all()
        assert (generators[:, again.shape[1] :] == np.arange(again.shape[1], 9)).all()
    assert parse_generators("(1,2)(3,4),(1 2 3)").tolist() == [[1, 0, 3, 2], [1, 2, 0, 3]]
    assert parse_generators("()").tolist() == [[0]]
    bad = ("", "1 2", "(1 2", "(1 1)", "(1 2)(2 3)", "(0 1)", "(a b)", "(1 2),", "(1001 1)", "x(1 2)")
    for text in bad:
        with pytest.raises(BadInput) as caught:
            parse_generators(text)
        assert text in caught.value.what


def test_names_that_are_not_there() -> None:
    hints = {"parti": "@parity", "jsonnumber": "@json_number", "bounded_dick(8)": "languages"}
    for name, hint in hints.items():
        with pytest.raises(BadInput) as caught:
            catalog[name]
        assert hint in caught.value.do
        assert name not in catalog
    for small in ("s_1", "a_2", "mod_0", "z_0"):
        with pytest.raises(BadInput, match="below"):
            catalog[small]
    assert 3 not in catalog


def test_budgets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("s_12", "mod_999999999", "z_5000000", "d_1000000"):
        with pytest.raises(BudgetExceeded):
            catalog.load(name)
    with pytest.raises(BudgetExceeded):
        word_problem(parse_generators("(1 2),(1 2 3 4)"), "ab", budget=Budget(max_states=23))
    monkeypatch.setattr(groups, "_BYTES", 20_000)
    with pytest.raises(BudgetExceeded, match="memory"):
        catalog.load("s_7")
