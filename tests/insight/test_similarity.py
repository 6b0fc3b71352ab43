"""Code in common is found whatever its names and layout, and short right answers are not."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.insight.similarity import GRAM, WINDOW, Compared, fingerprints
from autograder.insight.tokens import normalized, without_comments

CODE = '''
def fit(X, y, rate=0.1):
    """Fit a line."""
    w, b = np.zeros(X.shape[1]), 0.0
    for epoch in range(200):  # enough
        error = X @ w + b - y
        history.append(float((error ** 2).mean()))
        w -= rate * 2 * X.T @ error / len(y)
        b -= rate * 2 * error.mean()
        if epoch > 3 and abs(history[-1] - history[-2]) < 1e-9:
            break
    return w, b, history
'''
RENAMED = """
# all my own work
def fit(inputs, targets, eta=0.1):
    weights, bias = np.zeros(inputs.shape[1]), 0.0

    for n in range(200):
            residual = inputs @ weights + bias - targets
            losses.append(float((residual ** 2).mean()))
            weights -= eta * 2 * inputs.T @ residual / len(targets)
            bias -= eta * 2 * residual.mean()
            if n > 3 and abs(losses[-1] - losses[-2]) < 1e-9:
                break
    return weights, bias, losses
"""
OTHER = """
def fit(X, y, rate=0.1):
    A = np.column_stack([X, np.ones(len(X))])
    found = np.linalg.lstsq(A, y, rcond=None)[0]
    return found[:-1], found[-1], [((A @ found - y) ** 2).mean()]
"""


def compared(*cells: str, released: tuple[str, ...] = ()) -> Compared:
    found = Compared(released)
    for number, cell in enumerate(cells):
        found.add(f"s{number}", [cell])
    return found


def test_names_layout_and_comments_do_not_count() -> None:
    assert normalized(CODE) == normalized(RENAMED)
    (pair,) = compared(CODE, RENAMED, OTHER).similar()
    assert (pair.first, pair.second, pair.share, pair.same) == ("s0", "s1", 1.0, True)


def test_a_part_in_common_is_found() -> None:
    (pair,) = compared(f"{OTHER}\n{CODE}", f"{RENAMED}\nprint(fit(X, y))").similar()
    assert pair.share > 0.8
    assert not pair.same


def test_released_code_does_not_count() -> None:
    assert compared(CODE, RENAMED, released=(CODE,)).similar() == []


def test_what_many_have_does_not_count() -> None:
    assert compared(*[CODE] * 4).similar() == []


def test_every_long_match_has_a_fingerprint_in_common() -> None:
    """That is what winnowing guarantees, wherever the match is."""
    match = [str(n) for n in range(GRAM + WINDOW - 1)]
    for before in range(20):
        one = fingerprints(["a"] * before + match + ["b"] * 30)
        other = fingerprints(["c"] * (17 - before // 2) + match + ["d"] * before)
        assert one & other


def test_short_code_has_few_fingerprints() -> None:
    assert fingerprints(["a"] * (GRAM - 1)) == frozenset()
    assert len(fingerprints(["a"] * GRAM)) == 1


def test_attributes_of_libraries_count_and_own_ones_do_not() -> None:
    assert normalized("self.w = x.mean()") == normalized("self.weight = y.mean()")
    assert normalized("x.mean()") != normalized("x.sum()")


def test_code_that_is_no_python_is_read_as_far_as_it_goes() -> None:
    assert normalized("x = (1,\n%%magic") == normalized("y = (1,\n%%magic")


def test_excerpts_have_no_comments_and_no_docstrings() -> None:
    code = without_comments('# by Ada\ndef f(x):\n    """By\n    Ada."""\n    return x  # Ada\n')
    assert code == 'def f(x):\n    """…"""\n    return x'


@settings(max_examples=100)
@given(st.text(st.sampled_from("ab#'\"\\\n\t\f (:\u2028é"), max_size=40))
def test_any_text_can_be_read(text: str) -> None:
    normalized(text)
    assert len(without_comments(text)) <= 3 * len(text) + 10
