"""Networks: stepping is reading at once, members are apart, weights go to other libraries and back."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import starfree
from starfree.errors import BadInput
from starfree.models.networks import MODELS, make, select, stack
from starfree.models.networks.exchange import from_stock, load_mamba_ssm, to_mamba_ssm, to_stock
from starfree.models.networks.foreign import foreign

LENGTH, BATCH, TOKENS = 11, 3, 7


def some_tokens(members: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(0, TOKENS, (members, BATCH, LENGTH), generator=generator)


@pytest.mark.parametrize("name", MODELS)
def test_stepping_gives_what_reading_at_once_gives(name: str) -> None:
    network = make(name, TOKENS, layers=2, width=32, seeds=[3, 4]).double()
    tokens = some_tokens(2)
    full = network(tokens)
    state, outputs = network.start(BATCH), []
    for place in range(LENGTH):
        logits, state = network.step(tokens[:, :, place], state)
        outputs.append(logits)
    assert torch.allclose(torch.stack(outputs, 2), full, rtol=0, atol=1e-12)
    first, state = network.run(tokens[:, :, :4], network.start(BATCH))
    rest, _ = network.run(tokens[:, :, 4:], state)
    assert torch.allclose(torch.cat([first, rest], 2), full, rtol=0, atol=1e-12)
    assert full.std() > 0.1  # it says something


@pytest.mark.parametrize("name", MODELS)
def test_nothing_is_seen_of_what_comes_later(name: str) -> None:
    network = make(name, TOKENS, layers=2, width=16, seeds=[0]).double()
    tokens = some_tokens(1)
    other = tokens.clone()
    other[..., 6:] = (other[..., 6:] + 1) % TOKENS
    assert torch.allclose(network(tokens)[:, :, :6], network(other)[:, :, :6], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", MODELS)
def test_a_member_is_what_it_is_alone(name: str) -> None:
    together = make(name, TOKENS, layers=2, width=16, seeds=[5, 6, 7])
    tokens = some_tokens(3)
    for member, seed in enumerate([5, 6, 7]):
        alone = make(name, TOKENS, layers=2, width=16, seeds=[seed])
        for (_, ours), (_, own) in zip(together.named_parameters(), alone.named_parameters(), strict=True):
            assert torch.equal(ours[member], own[0])
        found = together.double()(tokens)[member]
        assert torch.allclose(found, alone.double()(tokens[member : member + 1])[0], rtol=0, atol=1e-12)
        together.float()
    select(together, [2, 0])
    assert torch.equal(
        together.lm_head.weight[0], make(name, TOKENS, layers=2, width=16, seeds=[7]).lm_head.weight[0]
    )


def test_gates_of_signed_networks_reach_below_zero() -> None:
    """One channel whose state changes its sign at every step: no gate in [0, 1] does that."""
    from starfree.models.scans import selective_scan

    ones = torch.ones(1, 1, 4, 1)
    large = torch.full((1, 1, 1), -50.0)
    _, h = selective_scan(0 * ones, ones, large, ones, ones, signed=True, state=torch.ones(1, 1, 1, 1))
    assert h.item() == pytest.approx(1.0)
    _, h = selective_scan(
        0 * ones[:, :, :3],
        ones[:, :, :3],
        large,
        ones[:, :, :3],
        ones[:, :, :3],
        signed=True,
        state=torch.ones(1, 1, 1, 1),
    )
    assert h.item() == pytest.approx(-1.0)


@pytest.mark.parametrize("name", ["mamba", "mamba2"])
def test_hugging_face_gives_the_same_logits(name: str, tmp_path: Path) -> None:
    from starfree.models.stock import forward, stock_model

    alphabet = ("a", "b", "c")
    network = make(name, TOKENS, layers=2, width=32, seeds=[1, 2])
    tokens = some_tokens(2)
    ours = network(tokens)
    for member in range(2):
        model = to_stock(network, member, alphabet, "predict", {"language": "test"})
        theirs = forward(stock_model(model), tokens[member].tolist())
        assert torch.allclose(ours[member], theirs, rtol=0, atol=1e-5)
        model.save(tmp_path / str(member))
        assert starfree.open_model(tmp_path / str(member)) == model


@pytest.mark.parametrize("name", ["mamba", "mamba2"])
def test_conversion_loses_nothing(name: str) -> None:
    network = make(name, TOKENS, layers=2, width=16, seeds=[9])
    model = to_stock(network, 0, ("a", "b", "c"), "predict", {})
    back = from_stock(model)
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), back.parameters(), strict=True))
    assert to_stock(back, 0, ("a", "b", "c"), "predict", {}) == model
    other = make(name, TOKENS, layers=2, width=16, seeds=[8])
    weights = to_mamba_ssm(network)
    assert "backbone.embedding.weight" in weights
    load_mamba_ssm(other, weights)
    assert all(torch.equal(a, b) for a, b in zip(network.parameters(), other.parameters(), strict=True))
    del weights["lm_head.weight"]
    with pytest.raises(BadInput, match="lm_head"):
        load_mamba_ssm(other, weights)


@pytest.mark.parametrize("target", ["mamba", "mamba2"])
@pytest.mark.parametrize("language", ["@tomita_4", "@d_2", "@c_comment"])
def test_built_weights_say_the_same_in_our_network(language: str, target: str) -> None:
    """The construction is exact in our network too: the decisions on every short word are the language's."""
    loaded = starfree.load(language)
    built = starfree.build(loaded, target=target, task="predict")
    network = from_stock(built)
    for word in starfree.sample(loaded, length=12, number=20, seed=0):
        from starfree.models.tokens import encode

        logits = network(torch.tensor([[encode(loaded.alphabet, word)]]))[0, 0]
        k = len(loaded.alphabet)
        for place in range(len(word) + 1):
            legal = loaded.legal_after(word[:place])
            flags = [symbol in legal for symbol in loaded.alphabet] + [starfree.END in legal]
            found = [*(logits[place, :k] > 0).tolist(), bool(logits[place, k + 1] > 0)]
            assert found == flags


def test_what_has_no_stock_class_is_refused() -> None:
    network = make("mamba-signed", TOKENS, layers=1, width=16, seeds=[0])
    with pytest.raises(BadInput, match="not one that transformers has"):
        to_stock(network, 0, ("a", "b", "c"), "predict", {})
    with pytest.raises(BadInput, match="no such network"):
        make("mambo", TOKENS, layers=1, width=16, seeds=[0])


FACTORIES = """
import torch
from torch import nn

class Plain(nn.Module):
    def __init__(self, tokens, layers, width):
        super().__init__()
        self.embed, self.read = nn.Embedding(tokens, width), nn.Linear(width, tokens)
        self.cell = nn.GRU(width, width, layers, batch_first=True)
    def forward(self, tokens):
        return self.read(self.cell(self.embed(tokens))[0])

def plain(tokens, layers, width): return Plain(tokens, layers, width)
def narrow(tokens, layers, width): return Plain(tokens - 1, layers, width)
def fails(tokens, layers, width): raise RuntimeError("no")
def nothing(tokens, layers, width): return 3
class Empty(nn.Module):
    def forward(self, tokens): return torch.zeros(*tokens.shape, 7)
def empty(tokens, layers, width): return Empty()
def leaves(tokens, layers, width): raise SystemExit(3)
def takes_other(size): return Plain(size, 1, 8)

class Changed(Plain):
    def __init__(self, tokens, layers, width, change):
        super().__init__(tokens, layers, width)
        self.change = change
    def forward(self, tokens): return self.change(super().forward(tokens))

def whole(tokens, layers, width): return Changed(tokens, layers, width, lambda logits: logits.long())
def pair(tokens, layers, width): return Changed(tokens, layers, width, lambda logits: (logits, None))
def exits(tokens, layers, width): return Changed(tokens, layers, width, lambda logits: exit(3))
def ahead(tokens, layers, width): return Changed(tokens, layers, width, lambda logits: logits.roll(-1, 1))
def mean(tokens, layers, width):
    return Changed(tokens, layers, width, lambda logits: logits - logits.mean(1, keepdim=True))
def dropped(tokens, layers, width): return Changed(tokens, layers, width, nn.Dropout(0.5))
"""


def test_a_network_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "user_networks.py").write_text(FACTORIES)
    monkeypatch.chdir(tmp_path)
    network = foreign("user_networks:plain", TOKENS, layers=1, width=8, seeds=[0, 1])
    assert network.members == 2
    tokens = some_tokens(2)
    alone = foreign("user_networks:plain", TOKENS, layers=1, width=8, seeds=[1])
    assert torch.allclose(network(tokens)[1], alone(tokens[1:])[0], atol=1e-6)
    expected = {
        "narrow": "returned shape|failed on tokens",
        "fails": r"RuntimeError: no\. It was called with \(7, layers=1, width=8\)",
        "takes_other": r"Let it take \(tokens, layers=, width=\)",
        "leaves": "failed: SystemExit: 3",
        "exits": "failed on tokens .* SystemExit: 3",
        "whole": "logits of type int64",
        "pair": "returned a tuple",
        "ahead": "looks ahead",
        "mean": "looks ahead",
        "nothing": "made a int",
        "empty": "has no parameters",
        "absent": "cannot be imported",
    }
    for name, why in expected.items():
        with pytest.raises(BadInput, match=why):
            foreign(f"user_networks:{name}", TOKENS, layers=1, width=8, seeds=[0])
    with pytest.raises(BadInput, match="Write user_networks:plain,"):
        foreign("user_networks.py:plain", TOKENS, layers=1, width=8, seeds=[0])
    dropped = foreign("user_networks:dropped", TOKENS, layers=1, width=8, seeds=[0])
    assert not torch.equal(dropped(tokens[:1]), dropped(tokens[:1]))  # trying it out left dropout on


def test_stacking_is_the_inverse_of_taking_apart() -> None:
    members = [make("mamba", TOKENS, layers=1, width=16, seeds=[seed]) for seed in (0, 1)]
    expected = [member.lm_head.weight[0].detach().clone() for member in members]
    both = stack(members)
    assert both.members == 2
    assert all(torch.equal(both.lm_head.weight[i], expected[i]) for i in range(2))
