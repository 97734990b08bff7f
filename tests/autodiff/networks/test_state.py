from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import autodiff as ad
from autodiff.networks.nn import MLP, Module, Neuron
from autodiff.networks.state import load_state, named_parameters, save_state


def numbers(module: Module) -> list[float]:
    """The parameters' data."""
    return [p.data for p in module.parameters()]


class Twin(Module):
    """Two parts in a dict, and a number of its own."""

    def __init__(self) -> None:
        self.parts = {"left": Neuron(1), "right": (Neuron(1),)}
        self.scale = ad.Value(2.0)

    def parameters(self) -> list[ad.Value]:
        """Its own number first."""
        right = self.parts["right"][0]  # type: ignore[index]
        return [self.scale, *self.parts["left"].parameters(), *right.parameters()]  # type: ignore[union-attr]


def test_names_lead_to_the_parameters() -> None:
    """Each name, evaluated on the module, is the parameter."""
    for module in (MLP(2, [3, 1]), Twin()):
        for name, parameter in named_parameters(module).items():
            assert eval(f"module.{name}") is parameter
        assert list(named_parameters(module).values()) == module.parameters()


def test_what_has_no_parameters_is_named() -> None:
    """A list of Values is no module, and the error says what is."""
    with pytest.raises(ad.ArgumentError, match="module: found list; expected a network"):
        named_parameters([ad.Value(1.0)])  # type: ignore[arg-type]


def test_every_bit_comes_back(tmp_path: Path) -> None:
    """Saved and loaded, a module has the same numbers, down to 5e-324 and -0.0."""
    for make in (lambda: MLP(2, [16, 16, 1]), Twin):
        one, other = make(), make()
        one.parameters()[0].data = 5e-324
        one.parameters()[1].data = -0.0
        one.parameters()[2].data = 1.0 / 3.0
        save_state(one, tmp_path / "state.json")
        load_state(other, tmp_path / "state.json")
        assert list(map(repr, numbers(other))) == list(map(repr, numbers(one)))


def test_the_file_is_json_to_read(tmp_path: Path) -> None:
    """One parameter a line, by its name."""
    neuron = Neuron(1)
    neuron.w[0].data = 0.5
    save_state(neuron, tmp_path / "state.json")
    content = json.loads((tmp_path / "state.json").read_text())
    assert content["parameters"] == {"w[0]": 0.5, "b": 0.0}
    assert content["module"] == "ReLUNeuron(1)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "state.json: is no JSON"),
        pytest.param("[" * 10**5 + "]" * 10**5, "nested too deeply", id="deep"),
        pytest.param('{"parameters": ' + '{"a":' * 10**5, "nested too deeply", id="deep dict"),
        ("[]", "found no 'proofgrad.state/1'"),
        ('{"format": "other"}', "found no 'proofgrad.state/1'"),
        ('{"format": "proofgrad.state/1"}', "'parameters' is missing"),
        ('{"format": "proofgrad.state/1", "parameters": {"w[0]": NaN}}', r"w\[0\] is nan"),
        ('{"format": "proofgrad.state/1", "parameters": {"w[0]": "1"}}', r"w\[0\] is '1'"),
        ('{"format": "proofgrad.state/1", "parameters": {"w[0]": true}}', r"w\[0\] is True"),
        ('{"format": "proofgrad.state/1", "parameters": {"w[0]": 1}}', "found no b among 1"),
        (
            '{"format": "proofgrad.state/1", "parameters": {"b": 1, "w[0]": 1}}',
            "found another order among 2",
        ),
    ],
)
def test_files_that_are_no_state(tmp_path: Path, text: str, message: str) -> None:
    """Each is refused with what is wrong, and the module stays as it was."""
    neuron = Neuron(1)
    before = numbers(neuron)
    (tmp_path / "state.json").write_text(text)
    with pytest.raises(ad.ArgumentError, match=message):
        load_state(neuron, tmp_path / "state.json")
    assert numbers(neuron) == before


def test_a_state_of_another_shape(tmp_path: Path) -> None:
    """Both shapes are named; nothing is loaded."""
    small, large = MLP(2, [3]), MLP(2, [4])
    save_state(large, tmp_path / "state.json")
    before = numbers(small)
    with pytest.raises(ad.ArgumentError, match=r"found layers\[0\].neurons\[3\].w\[0\] among 12 .*"
                                               r"expected the 9 of MLP of"):  # fmt: skip
        load_state(small, tmp_path / "state.json")
    assert numbers(small) == before


def test_what_is_not_finite_is_not_saved(tmp_path: Path) -> None:
    """A blown-up model leaves the file of the last good one alone."""
    neuron: Any = Neuron(1)
    save_state(neuron, tmp_path / "state.json")
    text = (tmp_path / "state.json").read_text()
    neuron.w[0].data = float("inf")
    with pytest.raises(ad.ArgumentError, match=r"w\[0\] is inf; only finite"):
        save_state(neuron, tmp_path / "state.json")
    assert (tmp_path / "state.json").read_text() == text
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
