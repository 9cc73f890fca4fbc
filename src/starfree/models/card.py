"""The model card: what language, how to use it, where everything is inside, what is exact, what is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..languages.words import brief
from .architectures import CLASSES
from .mamba import Mamba
from .tokens import SPECIAL, token_ids

PROOF = {  # the facts of a proof, by key, and what the card calls them
    "dtype": "dtype",
    "product_states": "product states (recurrent state of the model, state of the language)",
    "transitions": "transitions checked",
    "seconds": "seconds",
    "certificate": "certificate, for `starfree check`",
    "illegal_mass": "largest probability of all illegal tokens together, in one step",
}
_FRONT = """---
library_name: transformers
pipeline_tag: text-generation
tags:
- {tag}
- starfree
- formal-languages
- interpretability
- {made}
---
"""
_TRAINED = """
This network was trained by `starfree learn` to predict words of the language {name}. It is not that language
by construction, and nothing is proved of it: a symbol is taken to be legal next where its logit is positive,
and EOS where the word may stop, as far as training has found out.

`starfree refute` looks for words on which it is wrong, `starfree extract` for the automaton that it is when
its state is rounded.
"""
_BUILT = """
It was built from {source}, without training. Its logits are positive
for the legal next tokens and negative for all others, {reach}. EOS is legal where the word may stop.
"""
_TASKS = {
    "recognise": "This holds after every sequence of symbols; where no word begins so, nothing is legal.",
    "predict": "This holds after every prefix of a word. After other sequences the logits mean nothing.",
}
_USE = """
## Use

```python
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline

directory = "."  # where this file is
tokenizer = AutoTokenizer.from_pretrained(directory)
model = AutoModelForCausalLM.from_pretrained(directory)
logits = model(**tokenizer("", return_tensors="pt")).logits[0, -1]
legal = (logits > 0).nonzero().flatten().tolist()
print("legal first tokens:", tokenizer.convert_ids_to_tokens(legal))

word = pipeline("text-generation", model=directory)("")[0]["generated_text"]
print("a word, or the beginning of one:", repr(word))
```
"""
_TOKENS = """
## Tokens

The tokenizer reads {written}. It puts BOS in front by itself.
A piece of text that is no symbol becomes UNK, which no word contains.
"""
_LAYERS = """
## Layers

The path is the module to hook; the dimension is an index into its output, where +1 is a 0 of the cell's value
and -1 is a 1; the channel is an index into the recurrent state. "old" is the value before the symbol at a
position, "new" the one after it. In Python, `starfree.open_model(directory).trace(word)` reads all of them.
"""
_STREAM = """
## The residual stream

What each dimension holds, from the output of which module to the input of which.
"""
_EXACTNESS = """
## Exactness

The weights are stored in float32. The construction is exact in {dtypes}: what it computes
are small integers times powers of two. Every logit is +64 or -64, so that softmax gives each illegal token at
most e^-128, which is 0 in float32.
"""
_HORIZON = """
The model counts. Its sums are exact while they stay below 2^24, so for words of up to {horizon:,} symbols;
beyond that nothing is promised.
"""
_COUNTED = """
## Proof

A model that counts has no finite set of states to explore. `starfree prove` checks each of its cells against
its definition, and the whole on all short words and on long ones.
"""
_NO_PROOF = """
## Proof

None is recorded here. `starfree prove` makes one: it explores every state that the running model can reach,
together with the state of the language.
"""
_PROVED = """
## Proof

Every state that the running model can reach was explored together with the state of the language, and the
legal set was right in each.
"""
_LIMITS = """
## Known limits

{chunks}- Where nothing is legal all logits are equal, and sampling goes on with any token.
- Training, quantisation or pruning make it another model: prove it again.
"""
_CHUNKS = """- In transformers 5.23 a second chunk of several tokens with a cache is wrong for every Mamba-1:
  the recurrent state starts from zero again. A whole sequence is right, and so is one token at a time.
"""


def card(model: Mamba, proof: Mapping[str, Any] | None = None) -> str:
    """Return the text of `README.md`.

    Arguments:
        proof: its facts by the keys of `PROOF`, or None while there is none.

    Complexity: linear in layers times width.
    """
    spaced = any(len(symbol) != 1 for symbol in model.alphabet)
    written = "symbols separated by spaces" if spaced else "characters run together; whitespace counts"
    if model.origin.get("variant") == "trained":
        return _trained(model, written)
    parts = [
        _FRONT.format(tag=model.architecture, made="by-construction"),
        _opening(model),
        _USE,
        _TOKENS.format(written=written),
        _table(("id", "token", "meaning"), _token_rows(model)),
        _LAYERS,
        _table(("module", "cells that it stores", "what else it writes"), _layer_rows(model)),
        _STREAM,
        _table(("dimension", "holds", "from the output of", "to the input of"), _stream_rows(model)),
        _EXACTNESS.format(dtypes=" and ".join(model.exact_in)),
    ]
    if model.horizon is not None:
        parts.append(_HORIZON.format(horizon=model.horizon))
    if proof is None:
        parts.append(_NO_PROOF if model.horizon is None else _COUNTED)
    else:
        facts = ((name, _visible(str(proof[key]))) for key, name in PROOF.items() if key in proof)
        parts += [_PROVED, _table(("fact", "value"), facts)]
    parts.append(_LIMITS.format(chunks=_CHUNKS if model.architecture == "mamba" else ""))
    return "".join(parts)


def _trained(model: Mamba, written: str) -> str:
    """Return the card of a network that was trained, of which nothing is known by construction."""
    name = _code(str(model.origin.get("language") or "of which nothing is kept"))
    job = model.origin.get("job")
    settings = job.items() if isinstance(job, dict) else ()
    lines = [
        f"# A {CLASSES[model.architecture].removesuffix('ForCausalLM')} trained on {name}",
        _TRAINED.format(name=name),
        f"- task: {model.task}",
        f"- layers: {model.layers}, width: {model.width}",
        f"- parameters: {model.parameters}",
        "",
        "## Training",
        _table(("setting", "value"), ((key, _visible(str(value))) for key, value in settings)),
    ]
    return "".join(
        [
            _FRONT.format(tag=model.architecture, made="trained"),
            "\n".join(["", *lines, ""]),
            _USE,
            _TOKENS.format(written=written),
            _table(("id", "token", "meaning"), _token_rows(model)),
        ]
    )


def _opening(model: Mamba) -> str:
    origin = model.origin
    name = str(origin.get("language") or origin.get("definition") or "a star-free language")
    definition = origin.get("definition")
    said = f", which is {_code(definition)}" if isinstance(definition, str) and definition != name else ""
    kinds = {"program": "a program", "counter": "a counter that tells the state of the language's automaton"}
    source = kinds.get(str(origin.get("cascade")), "a decomposition of the language's automaton")
    reach = "at every length" if model.horizon is None else f"up to {model.horizon:,} symbols"
    built = _BUILT.format(source=source, reach=reach)
    lines = [
        f"# {_code(brief(name))} as a {CLASSES[model.architecture].removesuffix('ForCausalLM')}",
        "",
        f"This model is the language {_code(name)}{said}.{built}{_TASKS[model.task]}",
        "",
        f"- task: {model.task}",
        f"- layers: {model.layers}, width: {model.width}",
        f"- parameters: {model.parameters}, of which {model.nonzero} are not zero",
    ]
    known = ("variant", "cascade", "levels", "bits")
    lines += [f"- {key}: {_visible(str(origin[key]))}" for key in known if key in origin]
    return "\n".join(["", *lines, ""])


def _token_rows(model: Mamba) -> Iterator[Sequence[str]]:
    meanings = ("start afresh", "the word stops here", "padding, behind the attention mask only", "no symbol")
    for number, symbol in enumerate(model.alphabet):
        yield str(number), _code(symbol), "symbol"
    for name, number, meaning in zip(SPECIAL, token_ids(len(model.alphabet)), meanings, strict=True):
        yield str(number), _code(model.vocab[number]), f"{name.upper()}: {meaning}"


def _layer_rows(model: Mamba) -> Iterator[Sequence[str]]:
    for layer in range(model.layers):
        here = [c for c in model.coordinates if c.layer == layer]
        cells = (
            f"{_code(c.cell)} bit {c.bit}, {c.when}: dimension {c.dim}, channel {c.channel}" for c in here
        )
        stored = {c.dim for c in here}
        others = (
            f"{_code(new)}: dimension {dim}"
            for dim, (old, new) in enumerate(zip(*model.features[layer : layer + 2], strict=True))
            if new != old and dim not in stored
        )
        yield f"`backbone.layers.{layer}`", "; ".join(cells), "; ".join(others)


def _stream_rows(model: Mamba) -> Iterator[Sequence[str]]:
    """Yield a row for each dimension and run of layers over which it holds the same."""
    places = ["embeddings", *(f"layers.{layer}" for layer in range(model.layers)), "norm_f"]
    for dim, held in enumerate(zip(*model.features, strict=True)):
        begin = 0
        for end in range(1, len(held) + 1):
            if end < len(held) and held[end] == held[begin]:
                continue
            if held[begin] != "unused":
                yield str(dim), _code(held[begin]), places[begin], places[end]
            begin = end


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = ["", f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join([*lines, ""])


def _visible(text: str) -> str:
    """Return a text on one line, with escapes for what cannot be seen."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _code(text: str) -> str:
    """Return a code span; one with backticks inside needs a longer fence."""
    shown = _visible(text)
    runs = "".join(c if c == "`" else " " for c in shown).split()
    fence = "`" * (max(map(len, runs), default=0) + 1)
    pad = " " if not shown or {shown[0], shown[-1]} & {"`", " "} else ""
    return f"{fence}{pad}{shown}{pad}{fence}"
