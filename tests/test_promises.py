"""Every sentence of the README that promises something names the test that holds it to it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

# The beginning of a sentence, or of what follows a colon or semicolon in it, and its test.
PROMISES = {
    "Proofgrad turns an ordinary Python function into its gradient": (
        "codegen/text/test_standalone.py::test_saved_files_run_on_a_bare_python"
    ),
    "It proves **that emitted text**, input by input": (
        "verify/command/test_proving.py::test_verify_proves_and_exits_with_0"
    ),
    "And it is fast: no graph is walked at run time, only assignments": (
        "codegen/load/test_load.py::test_the_source_stands_alone"
    ),
    "Python 3.11 or newer is all you need": (
        "test_readme_and_ci.py::test_ci_takes_its_commands_from_the_readme"
    ),
    "That prints the gradient as code, the verdict on it, and the speed-up": (
        "verify/command/test_proving.py::test_show_answers_everything_at_once"
    ),
    "To work on Proofgrad, install it with its test tools": (
        "test_readme_and_ci.py::test_two_commands_do_all_the_set_up"
    ),
    "You write an ordinary function": "test_documentation.py::test_blocks_of_a_page_run",
    "Parameters keep your names, always": (
        "codegen/text/test_parameters.py::test_every_name_stays"
    ),
    "`x_bar` is the derivative of the result by `x`": (
        "codegen/test_gradient.py::test_backward_lines_are_marked_and_named"
    ),
    '`df.save("d_loss.py")` writes that file: it imports `math` alone, is typed': (
        "codegen/text/test_standalone.py::test_saved_files_satisfy_ruff_and_mypy"
    ),
    "The text is proven": "codegen/text/test_standalone.py::test_saved_texts_are_proven",
    "a wrong gradient, also one that you wrote, is refuted": (
        "verify/command/test_proving.py::test_verify_refutes_a_wrong_gradient_with_1"
    ),
    '`target="native"` runs the same steps as machine code, with the same bits': (
        "codegen/native/run/test_native_bits.py::test_random_gradients_have_the_interpreters_bits"
    ),
    "a call bound to your arrays": (
        "codegen/native/run/test_native_calls.py::test_out_and_bind_write_into_the_callers_arrays"
    ),
    "Your function stays as it is: an `if` stays an `if`": (
        "codegen/language/test_if_blocks.py::test_a_branch_is_written_as_an_if"
    ),
    "a large loop stays a loop on every target": (
        "codegen/text/lists/test_list_text.py::test_text_does_not_grow"
    ),
    "Loops and whole arrays add up in an order of their own": (
        "codegen/native/write/test_tables.py::test_whatever_their_number_the_bits_are_the_text_s"
    ),
    "`try` around arithmetic is a branch, too": (
        "autodiff/table/test_failing.py::test_handlers_run_as_in_python"
    ),
    "(over generators of yours, with such a `try` inside) are unrolled": (
        "autodiff/run/roll/test_looped.py::test_what_cannot_be_recorded_once_is_unrolled"
    ),
    "large arrays stay arrays on NumPy, in machine code and in C": (
        "codegen/test_cost_model.py::test_large_data_stays_whole_on_the_targets_that_can"
    ),
    "And it teaches: `Value` is micrograd's": (
        "autodiff/run/values/test_value.py::test_side_by_side_with_micrograd"
    ),
    "`proofgrad explain` writes a page that steps through your own function": (
        "verify/lesson/test_lesson.py::test_keys_step_to_the_end"
    ),
    "Value and all five first derivatives of Black–Scholes": (
        "test_readme_and_ci.py::test_the_readme_has_the_times_of_the_benchmarks"
    ),
    "`python examples/compare_speed.py` measures": "test_examples.py::test_example",
    "has the same program on both sides": "test_documentation.py::test_blocks_of_a_page_run",
    "Values are float64": "codegen/test_gradient.py::test_numbers_of_other_types",
    "Large arrays stay whole on NumPy, in machine code and in C": (
        "codegen/test_cost_model.py::test_large_data_stays_whole_on_the_targets_that_can"
    ),
    "Python's `if` on traced values traces both sides": (
        "autodiff/trace/branching/test_both_sides.py::test_branches_in_a_loop_cost_their_bodies"
    ),
    "or up to 64 paths where these cannot meet": (
        "autodiff/trace/branching/test_decisions.py::test_too_many_paths_name_the_line"
    ),
    "a `while` is a loop of at most 1000 repetitions": (
        "autodiff/trace/branching/test_while_loops.py::test_more_repetitions_than_were_compiled_are_an_error"
    ),
    "Only real numbers go in and come out": (
        "autodiff/trace/whole/pairs/test_complex_array.py::test_a_result_without_this_derivative_is_refused"
    ),
    "C of whole arrays takes one side where conditions tie": (
        "codegen/c99/whole/test_c_arrays.py::test_switches_that_may_meet_are_counted"
    ),
    "Some of NumPy (`np.linalg.eig`, `np.unique`) is refused by name": (
        "autodiff/trace/libraries/test_numpy_functions.py::test_what_is_refused_says_how_to_write_it"
    ),
    "The proof is about real numbers": (
        "verify/beside/test_accuracy.py::test_rows_are_within_the_bar"
    ),
    "The documentation is in [docs](docs/index.md)": (
        "test_site.py::test_every_public_name_is_in_the_reference"
    ),
    "The notebooks hold the outputs of one run": "test_notebooks.py::test_the_notebook_runs",
    "Decision boundary and loss of a network": (
        "test_pictures.py::test_the_script_makes_every_picture"
    ),
    "The function is named `path/to/file.py:function`": (
        "verify/command/test_user_module.py::test_functions_of_a_package"
    ),
    "`-o -` is standard output": "autodiff/test_files.py::test_a_dash_is_standard_output",
    "Exit status: 0 fine": "verify/command/test_proving.py::test_undecided_exits_with_3",
}
# Sentences that describe or point to something.
DESCRIPTIONS = (
    "(On Windows the folder is",
    "JAX and CasADi win where Proofgrad has nothing yet",
    "[ARCHITECTURE.md](ARCHITECTURE.md) says",
    "MIT licence",
)


def prose() -> list[str]:
    """Sentences of the README outside of code, tables, headings and pictures."""
    text = re.sub(r"^```.*?^```", "", README, flags=re.DOTALL | re.MULTILINE)
    lines = [line.removeprefix("- ") for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith(("#", "|", "![", "<"))]


@pytest.mark.parametrize("sentence", PROMISES)
def test_a_promise_stands_in_the_readme_and_has_a_test(sentence: str) -> None:
    """The sentence is there as it is quoted, and the test that is named exists."""
    assert sentence in README
    path, _, name = PROMISES[sentence].partition("::")
    tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_no_sentence_promises_without_a_test() -> None:
    """Every line of prose holds a promise with its test, or is known to promise nothing."""
    known = (*PROMISES, *DESCRIPTIONS)
    assert [line for line in prose() if not any(one in line for one in known)] == []
