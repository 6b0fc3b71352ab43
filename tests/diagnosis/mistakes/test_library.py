"""The library of mistakes: each applies to three references, and its words hold."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from itertools import combinations
from typing import Any

import pytest

from autograder.diagnosis.misconception import Misconception, pairs, singles
from autograder.diagnosis.mistakes.library import FAMILIES, LIBRARY, MOST_WAYS, misconceptions
from autograder.diagnosis.mistakes.mistake import Mistake
from tests.corpus.reference import SOLUTION
from tests.diagnosis.mistakes.reference_files import (
    Reference,
    holds,
    read_references,
    references,
)
from tests.docs.pages import blocks, read

BY_NAME = {mistake.name: mistake for mistake in LIBRARY}
OF = defaultdict[str, list[Reference]](list)
for each in references():
    OF[each.mistake].append(each)
CHECKED = [reference for reference in references() if reference.holds]
PAGE = "docs/author/misconceptions.md"


def normal(source: str) -> str:
    return ast.unparse(ast.parse(source))


def without_imports(source: str) -> str:
    body = ast.parse(source).body
    kept = [one for one in body if not isinstance(one, ast.Import | ast.ImportFrom)]
    return ast.unparse(ast.Module(kept, []))


def label(reference: Reference) -> str:
    return reference.mistake


def own(reference: Reference) -> tuple[Misconception, ...]:
    """Return what the reference's mistake makes of it."""
    return misconceptions(reference.before, library=[BY_NAME[reference.mistake]])


def names(source: str, task: str = "f", library: tuple[Mistake, ...] = LIBRARY) -> list[str]:
    return [m.name for m in misconceptions(source, library=library) if m.task == task]


# what each mistake makes


@pytest.mark.parametrize("name", BY_NAME)
def test_a_mistake_makes_of_each_reference_what_a_student_would_write(name: str) -> None:
    for reference in OF[name]:
        variants = singles(reference.before, own(reference))
        assert normal(reference.after) in [without_imports(one.source) for one in variants]


@pytest.mark.parametrize("reference", [r for r in CHECKED if not r.is_slow], ids=label)
def test_the_words_hold(reference: Reference) -> None:
    assert holds(reference)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("reference", [r for r in CHECKED if r.is_slow], ids=label)
def test_the_words_hold_with_the_libraries_of_the_field(reference: Reference) -> None:
    assert holds(reference)


def test_each_mistake_has_three_references_that_differ_and_one_whose_behaviour_is_seen() -> None:
    different = {name: {normal(one.before) for one in OF[name]} for name in BY_NAME}
    assert {name: len(some) for name, some in different.items() if len(some) < 3} == {}
    assert set(OF) == set(BY_NAME)
    assert set(BY_NAME) - {reference.mistake for reference in CHECKED} == set()


# names and words


def test_there_are_many_mistakes_in_families_with_names_of_their_own() -> None:
    assert len(LIBRARY) > 200
    assert len(BY_NAME) == len(LIBRARY)
    assert len(FAMILIES) == 22
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in BY_NAME)
    assert {id(one) for family in FAMILIES.values() for one in family} == set(map(id, LIBRARY))


def test_the_commonest_mistakes_come_first() -> None:
    ranks = [mistake.rank for mistake in LIBRARY]
    assert ranks == sorted(ranks)
    assert set(ranks) == {1, 2, 3}


def test_the_words_are_sentences_of_their_own_with_a_source() -> None:
    for mistake in LIBRARY:
        for part in (mistake.happened, mistake.why, mistake.look):
            assert part == " ".join(part.split()), mistake.name
            assert part[0].isupper(), mistake.name
            assert part.endswith((".", "?")), mistake.name
            assert len(part) < 130, mistake.name
        assert mistake.source.strip(), mistake.name


def test_no_two_mistakes_read_the_same() -> None:
    for one, other in combinations(LIBRARY, 2):
        assert one.happened != other.happened, (one.name, other.name)


def dense(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_no_words_contain_code_of_a_right_answer() -> None:
    answers = set[str]()
    for reference in references():
        for node in ast.walk(ast.parse(reference.before)):
            if isinstance(node, ast.Call | ast.BinOp | ast.Attribute | ast.Subscript | ast.Assign):
                answers.add(dense(ast.unparse(node)))
    assert {"np.mean((p-y)**2)", "optimizer.zero_grad()"} <= answers
    for mistake in LIBRARY:
        text = dense(mistake.happened + mistake.why + mistake.look)
        assert [answer for answer in answers if answer in text] == [], mistake.name
        quoted = re.findall("`([^`]+)`", mistake.happened + mistake.why + mistake.look)
        assert set(quoted) <= {"{about}", "^", "return", "def", "and", "or"}, mistake.name


# what comes out for a reference


@pytest.fixture(scope="module")
def found() -> tuple[Misconception, ...]:
    return misconceptions(SOLUTION, {"first": ["polynomial_gradients"], "second": ["step"]})


def test_the_result_is_what_an_explainer_takes(found: tuple[Misconception, ...]) -> None:
    variants = singles(SOLUTION, found)
    assert {variant.task for variant in variants} == {"first", "second"}
    sources = {normal(variant.source) for variant in variants}
    assert len(sources) == len(variants) > 60
    assert normal(SOLUTION) not in sources
    assert len(list(pairs(SOLUTION, found))) > 400


def test_what_is_not_changed_stays_as_it_is_written() -> None:
    source = "def f(x):  # a mean\n    return np.mean(\n        x,\n    )\n\n\ny = 'é' + \"è\"\n"
    (found,) = [m for m in misconceptions(source) if m.name == "sum_for_mean"]
    (variant,) = singles(source, [found])
    assert variant.source.startswith("def f(x):  # a mean\n    return np.sum(x)")
    assert variant.source.endswith("y = 'é' + \"è\"\n")


def test_mistakes_are_made_in_other_ways_to_write_the_reference_too() -> None:
    source = (
        "def loss(w, X, y):\n    z = X @ w\n    return np.mean(np.logaddexp(0, z) - y * z)\n\n"
        "def scale(train, test):\n    scaler = StandardScaler().fit(train)\n"
        "    return scaler.transform(train), scaler.transform(test)\n"
    )
    found = {m.name: m for m in misconceptions(source)}

    def made(name: str) -> list[str]:
        return [variant.source for variant in singles(source, [found[name]])]

    assert any("return np.mean(y * np.log(p)" in one for one in made("minus_forgotten"))
    assert any("train.std(axis=0, ddof=1)" in one for one in made("sample_deviation"))
    assert any("train.mean(), train.std()" in one for one in made("axis_forgotten"))


def test_what_a_change_needs_is_imported() -> None:
    source = (
        "from sklearn.preprocessing import StandardScaler\n\n"
        "def scale(X_train, X_test):\n    return StandardScaler().fit(X_train).transform(X_test)\n"
    )
    made = {variant.name: variant.source for variant in singles(source, misconceptions(source))}
    assert made["learned_from_the_test_set"].startswith("import numpy as np\nfrom sklearn.p")
    assert made["range_for_deviation"].startswith(
        "from sklearn.preprocessing import MinMaxScaler\nfrom sklearn.p"
    )
    assert made["not_fitted"].startswith("from sklearn.preprocessing import StandardScaler\n\ndef")


def test_what_only_pytorch_does_is_no_mistake_in_numpy() -> None:
    source = "class Model:\n    def forward(self, x):\n        return np.maximum(x @ self.w, 0)\n"
    assert "nothing_recorded" in names(f"import torch\n\ntorch\n{source}", "Model")
    assert "nothing_recorded" not in names(source, "Model")


def test_of_two_mistakes_that_make_the_same_the_commoner_has_it() -> None:
    source = "def f(w, lr, g):\n    return w - lr * g\n"
    found = names(source)
    assert "gradient_ascent" in found
    assert "plus_for_minus" not in found
    generic = tuple(one for one in LIBRARY if one.name == "plus_for_minus")
    assert names(source, library=generic) == ["plus_for_minus"]


def test_the_words_name_the_parameter_that_they_are_about() -> None:
    source = "def f(w, lr=0.1, steps=9):\n    return w * lr ** steps\n"
    found = {m.name: m for m in misconceptions(source)}
    assert "`lr`" in found["argument_ignored(lr)"].happened
    assert "`steps`" in found["argument_ignored(steps)"].look
    assert all("{about}" not in misconception.text for misconception in found.values())


def test_the_variables_of_the_notebook_are_used_for_arguments() -> None:
    cells = (
        "def load():\n    return [3.0, 4.0], [1.0, 2.0]\n\n\nX, y_train = load()",
        "def error(X, y):\n    return sum(X) - sum(y)",
        "frame = [5.0]\nprint(error(frame, y_train), error(None, X))",
    )
    library = [BY_NAME["global_for_argument"]]
    found = misconceptions(cells[1], cells=cells, library=library)
    results: list[tuple[str, object]] = []
    for variant in singles(cells[1], found):
        names: dict[str, Any] = {}
        exec(variant.source, names)
        try:
            results.append((variant.name, names["error"]([10.0], [0.0])))
        except NameError as error:
            results.append((variant.name, error.name))
    assert results == [
        ("global_for_argument(X)", 2.0),  # error(frame, y_train)
        ("global_for_argument(X)", 5.0),
        ("global_for_argument(X)", "frame"),  # it need not be there
        ("global_for_argument(X)", 7.0),  # they are called X, and y_train
        ("global_for_argument(y)", 7.0),
        ("global_for_argument(y)", "y_train"),
        ("global_for_argument(y)", 3.0),
    ]
    assert not misconceptions(cells[1], library=library)


def test_without_tasks_each_function_is_one_and_helpers_belong_to_those_that_use_them() -> None:
    source = "def helped(x):\n    return mean(x) - 1\n\ndef mean(x):\n    return sum(x) / len(x)\n"
    assert {m.task for m in misconceptions(source)} == {"helped", "mean"}
    (own_name,) = {m.task for m in misconceptions(source, {"only": ["helped"]})}
    assert own_name == "only"
    assert "sum_for_mean" in names(source + "x = 1\n", "mean")
    tasks = {"one": ["helped"], "other": ["g"]}
    shared = misconceptions(f"{source}\ndef g(x):\n    return mean(x)\n", tasks)
    assert {m.task for m in shared if m.name == "sum_for_mean"} == {"one", "other"}
    assert misconceptions(source, {"none": ["missing"]}) == ()


def test_the_number_of_variants_is_bounded() -> None:
    source = "def f(x):\n    return " + " + ".join(f"x[{i}]" for i in range(15)) + "\n"
    found = misconceptions(source)
    assert max(Counter(m.name for m in found for _ in m.ways).values()) == MOST_WAYS
    assert sum(len(m.ways) for m in misconceptions(source, most=7)) == 7


def test_what_is_no_python_is_an_error_and_nothing_gives_nothing() -> None:
    with pytest.raises(SyntaxError):
        misconceptions("def f(:")
    assert misconceptions("") == ()
    assert misconceptions('"""Words."""\nimport math\n') == ()


# the page for authors


def test_the_page_lists_every_family_with_its_mistakes() -> None:
    rows = re.findall(r"^\| ([^|`]+) \| (`.*`) \|$", read(PAGE), re.MULTILINE)
    listed = {family: re.findall("`([^`]+)`", some) for family, some in rows}
    assert listed == {family: [m.name for m in some] for family, some in FAMILIES.items()}


def test_the_reference_on_the_page_is_one_of_those_that_are_tested() -> None:
    (block,) = blocks("none", PAGE)
    (shown,) = read_references(block.text)
    assert shown in references()
    assert holds(shown)
