"""`autograder.testing.torch`: what the helpers return, and who is to blame where they cannot."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from autograder.diagnosis.observations import Observation, recording
from autograder.record import Record, TestResult
from autograder.testing import Mismatch, SuiteError
from autograder.testing import torch as torch_helpers
from autograder.testing.torch import assert_falls, loss_curve, tensor
from tests.testing.own_suite import TEST, grade_with, results_of_cases

NOTEBOOK = """
import numpy as np
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, inputs=3, classes=2):
        super().__init__()
        self.hidden = nn.Linear(inputs, 4)
        self.drop = nn.Dropout(0.5)
        self.out = nn.Linear(4, classes)
    def forward(self, x):
        return self.out(self.drop(torch.relu(self.hidden(x))))

class Stub(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(3, 2)

class Bare(nn.Module):
    def __init__(self):
        self.width = 3

class Silent(nn.Module):
    def forward(self, x):
        pass

class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
    def forward(self, x):
        return self.norm(x)

class Line:
    def __init__(self):
        self.w = torch.ones(3, 1, requires_grad=True)
        self.b = torch.zeros(1, requires_grad=True)
        self.seen = torch.zeros(5)
    def forward(self, x):
        return x @ self.w + self.b

class Listed(Line):
    def __init__(self):
        super().__init__()
        self.params = [self.b, torch.zeros(2)]

class Renamed:
    def __init__(self):
        self.slope, self.offset = torch.ones(3, 1, requires_grad=True), torch.zeros(1)
        self.params = [self.slope, self.offset.requires_grad_()]
    def forward(self, x):
        return (x @ self.slope).detach()

class Weighted(Renamed):
    def forward(self, x):
        return x @ self.slope

class Nothing:
    pass

def slope_by_hand(x): return 2 * x
def slope_by_autograd(x):
    t = torch.tensor(x, requires_grad=True)
    (t ** 2).backward()
    return t.grad
def slope_by_grad(x):
    t = torch.tensor(x, requires_grad=True)
    return torch.autograd.grad(t ** 2, t)[0]
def none(): return None
def three(): return 3
def same(x): return x
def make_class(): return Net
def function(): return same
def double_net(): return Net().double()
def first_row(x): return x[:1]
def infinite(x): return x / 0
def train(model): model(torch.ones(1, 3)).sum().backward()
def backward(model): model.forward(torch.ones(1, 3)).sum().backward()
def evaluate(model): model.eval()
def mean_of(model): return model.norm.running_mean
def cut(output, y): return output.detach().sum()
def fill(model): return [p.data_ptr() for p in model.parameters()]
def start(seed): torch.manual_seed(seed); np.random.seed(seed)
def draw(): return torch.rand(1).item() + np.random.rand()
def count(loader): return sum(len(x) for x, y in loader)
def losses(): return [torch.tensor(2.0), 1.0, np.float64(0.5)]
def broken_losses(): return [1.0, float("nan")]
"""
CASES: dict[str, tuple[str, str, str]] = {
    # Models that are drawn at random.
    "seeded": ("one, two = [parameters(seeded(student.Net, 3, classes=2, seed=1)) for _ in range(2)]; assert_equal(one, two)", "passed", ""),
    "other_seed": ("one, two = [parameters(seeded(student.Net, seed=n)) for n in (1, 2)]; assert_equal(one, two)", "failed", "is not right"),
    "restored": ("student.start(5); first = student.draw(); student.start(5); seeded(student.draw, seed=1); assert student.draw() == first", "passed", ""),
    "not_the_students": ("seeded(lambda: 1)", "error", "function or class of `student`"),
    # Parameters.
    "names": ("assert list(parameters(student.Net())) == ['hidden.weight', 'hidden.bias', 'out.weight', 'out.bias']", "passed", ""),
    "by_hand": ("assert list(parameters(student.Line())) == ['w', 'b']", "passed", ""),
    "listed": ("assert list(parameters(student.Listed())) == ['b', 'params[1]']", "passed", ""),
    "other_name": ("parameters(student.Net())['fc.weight']", "failed", "The model has no `fc.weight`. It has hidden.weight, hidden.bias"),
    "none": ("parameters(student.none())", "failed", "should be a `torch.nn.Module`, but it is None (is a `return` missing?)."),
    "number": ("parameters(student.three())", "failed", "should be a `torch.nn.Module`, but it is a number."),
    "no_tensors": ("parameters(student.Nothing())", "failed", "but it is a Nothing."),
    "a_class": ("parameters(student.make_class())", "failed", "but it is the class Net itself, not an object of it."),
    "not_called": ("parameters(student.Net)", "error", "Net is a type, not an answer"),
    "own_text": ("parameters('Net')", "error", "the suite gave text"),
    "own_array": ("parameters(np.ones(3))", "error", "the suite gave a NumPy array of shape (3,)"),
    "fixture": ("parameters(student)", "error", "the suite gave the notebook itself"),
    "not_set_up": ("parameters(student.Bare())", "failed", "must begin with `super().__init__()`"),
    "count": ("assert count_parameters(student.Net()) == 26", "passed", ""),
    "set": ("model = student.Net(); set_parameters(model, {'out.bias': np.array([1.0, 2.0])}); assert_close(parameters(model)['out.bias'], np.array([1.0, 2.0]))", "passed", ""),
    "set_all": ("model = student.Net(); set_parameters(model, parameters(seeded(student.Net))); assert_equal(parameters(model), parameters(seeded(student.Net)))", "passed", ""),
    "set_in_place": ("model = student.Net(); before = student.fill(model); set_parameters(model, {'out.bias': [1, 2]}); assert student.fill(model) == before", "passed", ""),
    "set_shape": ("set_parameters(student.Net(), {'out.bias': np.ones(3)})", "failed", "`out.bias` of the model should have shape (3,), but it has shape (2,)."),
    "set_name": ("set_parameters(student.Net(), {'bias': np.ones(3)})", "failed", "The model has no `bias`. It has hidden.weight"),
    "set_none": ("set_parameters(student.Net(), {'out.bias': None})", "error", "there is no tensor of dtype object"),
    "wanted": ("found = parameters(student.Listed(), 'w', 'b'); assert [*found] == ['w', 'b'] and found['w'].shape == (3, 1)", "passed", ""),
    "wanted_by_order": ("found = parameters(student.Renamed(), 'w', 'b'); assert [*found] == ['w', 'b'] and found['w'].shape == (3, 1)", "passed", ""),
    "wanted_of_a_module": ("assert list(parameters(student.Net(), 'out.bias')) == ['out.bias']", "passed", ""),
    "wanted_and_missing": ("parameters(student.Net(), 'w', 'b')", "failed", "The model has no `w`. It has hidden.weight"),
    "set_by_order": ("model = student.Renamed(); set_parameters(model, {'w': np.zeros((3, 1)), 'b': [5.0]}); assert model.offset.tolist() == [5.0]", "passed", ""),
    # Gradients.
    "vjp": ("X, v = rng.normal(size=(4, 3)), rng.normal(size=(4, 1)); assert_close(vjp(student.Line(), X, v), {'w': X.T @ v, 'b': v.sum(0)})", "passed", ""),
    "vjp_by_name": ("assert list(vjp(student.Listed(), np.ones((4, 3)), np.ones((4, 1)), 'w', 'b')) == ['w', 'b']", "passed", ""),
    "vjp_to_one": ("found = vjp(student.Weighted(), np.ones((4, 3)), np.ones(4)); assert found['slope'].tolist() == [[4.0]] * 3 and found['offset'] is None", "passed", ""),
    "vjp_cut_off": ("vjp(student.Renamed(), np.ones((4, 3)), np.ones(4))", "failed", "cut off from the model's parameters"),
    "vjp_size": ("vjp(student.Line(), np.ones((4, 3)), np.ones(3))", "failed", "should have shape (3,), but it has shape (4, 1)"),
    "vjp_of_nothing": ("vjp(student.none(), np.ones((4, 3)), np.ones(3))", "failed", "but it is None"),
    "autograd": ("assert uses_autograd(student.slope_by_autograd, 3.0) and uses_autograd(student.slope_by_grad, 3.0)", "passed", ""),
    "autograd_by_hand": ("assert uses_autograd(student.slope_by_hand, 3.0) is False", "passed", ""),
    "autograd_raises": ("assert uses_autograd(student.slope_by_autograd, 'text') is None", "passed", ""),
    "autograd_of_a_value": ("uses_autograd(student.three(), 3.0)", "failed", "A function was expected, but your code has a number there"),
    "no_gradient": ("assert gradients(student.Line())['w'] is None", "passed", ""),
    "gradient": ("model = student.Line(); student.backward(model); assert_close(gradients(model)['w'], np.ones((3, 1)))", "passed", ""),
    "loss": ("X, y = rng.normal(size=(4, 3)), rng.normal(size=(4, 1)); loss, found = loss_and_gradients(student.Line(), X, y, 'mse_loss'); r = X.sum(1, keepdims=True) - y; assert_close(loss, np.mean(r ** 2)); assert_close(found, {'w': 2 * X.T @ r / 4, 'b': 2 * r.mean(0)})", "passed", ""),
    "loss_leaves_grad": ("model = student.Line(); loss_and_gradients(model, np.ones((1, 3)), np.ones((1, 1)), 'mse_loss'); assert gradients(model)['w'] is None", "passed", ""),
    "loss_again": ("model = student.Net(); one, two = [loss_and_gradients(model, np.ones((2, 3)), [0, 1]) for _ in range(2)]; assert one[0] == two[0]", "passed", ""),
    "loss_leaves_buffers": ("model = student.Norm(); loss_and_gradients(model, rng.normal(size=(4, 3)), [0, 1, 2, 0]); assert_equal(student.mean_of(model), np.zeros(3))", "passed", ""),
    "loss_without_flow": ("loss_and_gradients(student.Line(), np.ones((1, 3)), np.ones((1, 1)), student.cut)", "failed", "No gradient flows"),
    "loss_of_that_name": ("loss_and_gradients(student.Line(), np.ones((1, 3)), np.ones((1, 1)), 'mse')", "error", "has no attribute 'mse'"),
    # Loaders.
    "batches": ("batches = list(loader(student, np.arange(5.0), batch_size=2)); assert [len(x) for x, in batches] == [2, 2, 1] and batches[0][0].dtype == 'float32'", "passed", ""),
    "passed_on": ("assert student.count(loader(student, np.ones((7, 2)), np.zeros(7, int), batch_size=4)) == 7", "passed", ""),
    "shuffled": ("one, two = [[x[0].item() for x, in loader(student, np.arange(9), shuffle=True)] for _ in range(2)]; assert one == two and sorted(one) == list(range(9)) != one", "passed", ""),
    "lengths": ("student.count(loader(student, np.ones(3), np.ones(2)))", "error", "Size mismatch between tensors"),
    "no_fixture": ("loader(np.ones(3))", "error", "the first argument should be the fixture `student`"),
    # A network of the kit's own.
    "network": ("model, X = network(student, 3, 4, 2), rng.normal(size=(5, 3)); W, b, V, c = parameters(model).values(); assert list(parameters(model)) == ['0.weight', '0.bias', '2.weight', '2.bias']; assert_close(outputs(model, X), np.maximum(X @ W.T + b, 0) @ V.T + c)", "passed", ""),
    "network_learns": ("model = network(student, 3, 1); student.train(model); assert gradients(model)['0.bias'].tolist() == [1.0]", "passed", ""),
    "network_is_seeded": ("one, two, other = [parameters(network(student, 2, 3, seed=n)) for n in (1, 1, 2)]; assert_equal(one, two); assert one['0.bias'].tolist() != other['0.bias'].tolist()", "passed", ""),
    "network_draws_nothing": ("student.start(5); first = student.draw(); student.start(5); network(student, 2, 3); assert student.draw() == first", "passed", ""),
    "network_of_one_size": ("network(student, 3)", "error", "then two sizes or more"),
    "network_without_fixture": ("network(3, 2)", "error", "give the fixture `student`"),
    # Outputs.
    "classes": ("assert predictions(student.same, np.array([[0.1, 0.9], [2, 1]])).tolist() == [1, 0]", "passed", ""),
    "single": ("assert predictions(student.same, [[0.3], [0.7]], threshold=0.5).tolist() == [0, 1]", "passed", ""),
    "accuracy": ("assert accuracy(student.same, np.array([[0.1, 0.9], [2, 1]]), [1, 1]) == 0.5", "passed", ""),
    "few_labels": ("accuracy(student.same, np.ones((2, 2)), [1])", "error", "accuracy: y has shape (1,) for 2 rows"),
    "few_rows": ("outputs(student.first_row, np.ones((2, 2)))", "failed", "a row for each of 2 inputs, but it has shape (1, 2)"),
    "nan": ("predictions(student.infinite, np.zeros((2, 2)))", "failed", "should be real numbers"),
    "images": ("predictions(student.same, np.ones((2, 2, 2)))", "failed", "a column for each class, but it has shape (2, 2, 2)"),
    "no_columns": ("predictions(student.same, np.ones((2, 0)))", "failed", "a column for each class, but it has shape (2, 0)"),
    "evaluated": ("model = student.Net(); X = np.ones((2, 3)); assert_equal(outputs(model, X), outputs(model, X)); assert is_training(model)", "passed", ""),
    "left_evaluating": ("model = student.Net(); student.evaluate(model); outputs(model, np.ones((2, 3))); assert_equal(is_training(model), True)", "failed", "is not right"),
    "of_doubles": ("assert outputs(student.double_net(), np.ones((2, 3))).dtype == 'float64'", "passed", ""),
    "without_forward": ("outputs(student.Stub(), np.ones((2, 3)))", "failed", "This part is not filled in yet: Stub has no `forward`."),
    "called_without_forward": ("student.Stub()(np.ones((2, 3)))", "failed", "This part is not filled in yet: Stub has no `forward`."),
    "without_return": ("outputs(student.Silent(), np.ones((2, 3)))", "failed", "output should be a tensor, but it is None (is a `return` missing?)."),
    "of_a_number": ("outputs(student.three(), np.ones((2, 3)))", "failed", "but it is a number."),
    "of_a_class": ("outputs(student.Net, np.ones((2, 3)))", "error", "Net is a type, not an answer"),
    "layers": ("assert layers(student.Net()) == ['Linear', 'Dropout', 'Linear'] and layers(student.Silent()) == []", "passed", ""),
    # Losses.
    "curve": ("assert loss_curve(student.losses(), length=3).tolist() == [2.0, 1.0, 0.5]", "passed", ""),
    "curve_of_tensor": ("assert_falls(student.same(np.array([4.0, 1.0])))", "passed", ""),
    "one_loss": ("loss_curve(student.three())", "failed", "The training loss should be a list of numbers, but it is a number."),
    "no_losses": ("loss_curve(student.same([]))", "failed", "should be a list of numbers, but it is a list of 0."),
    "nan_loss": ("loss_curve(student.broken_losses())", "failed", "The training loss[1] is nan"),
    "length": ("loss_curve(student.losses(), length=4)", "failed", "should have 4 values, but it has 3."),
    "length_one": ("loss_curve(student.losses(), length=1)", "failed", "should have 1 value, but it has 3."),
    "falls": ("assert_falls(loss_curve(student.losses()), by=0.75)", "passed", ""),
    "does_not_fall": ("assert_falls(student.losses(), 'The loss', by=0.9)", "failed", "The loss begins at 2 and ends at 0.5. It should fall by 90% at least."),
    # What a training leaves behind, whatever the optimizer.
    "cleared": ("assert_cleared(network(student, 3, 1))", "passed", ""),
    "not_cleared": ("model = network(student, 3, 1); student.train(model); assert_cleared(model)", "failed", "The last batch has no gradient, but `0.weight` still has one."),
    "nothing_trained": ("model = network(student, 3, 1); assert_trained(model, parameters(model))", "failed", "After the training, `0.weight` is what it was before."),
    "trained": ("model = student.Line(); before = parameters(model); set_parameters(model, {'w': np.ones((3, 1)) * 2, 'b': [1.0]}); assert_trained(model, before)", "passed", ""),
    "partly_trained": ("model = student.Line(); before = parameters(model); set_parameters(model, {'w': np.ones((3, 1)) * 2}); assert_trained(model, before)", "failed", "After the training, `b` is what it was before."),
}  # fmt: skip
HEAD = """\
import numpy as np
from autograder.testing import assert_close, assert_equal, task
from autograder.testing.torch import *
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TestResult]:
    bodies = {name: body for name, (body, _, _) in CASES.items()}
    return results_of_cases(tmp_path_factory.mktemp("course"), HEAD, bodies, NOTEBOOK, ["torch"])


@pytest.mark.parametrize("name", CASES)
def test_what_a_helper_says(results: dict[str, TestResult], name: str) -> None:
    _, outcome, fragment = CASES[name]
    found = results[name]
    assert (found.outcome, fragment in found.message) == (outcome, True), found.message


SUITE = '''\
"""Suite of `mlp`."""

import numpy as np
import pytest

from autograder.testing import assert_close, assert_equal, at_least, task
from autograder.testing.torch import *


@pytest.fixture
def data(rng):
    """Three clusters of points, 30 each, and the number of each one's cluster."""
    y = np.arange(90) % 3
    return rng.normal(size=(90, 2)) + np.array([[0, 0], [5, 0], [0, 5]])[y], y


@task("model", points=5)
def test_layers(student, data):
    """The model has two linear layers with a ReLU between them, and an output for each class."""
    model = student.MLP(2, 3)
    assert_equal(layers(model), ["Linear", "ReLU", "Linear"], "Look at __init__.")
    assert_equal(outputs(model, data[0]).shape, (90, 3))


@task("train", points=10)
def test_accuracy(student, data):
    """After five epochs the model is right for nine of ten points, and the loss is much lower."""
    model = seeded(student.MLP, 2, 3)
    losses = student.train(model, loader(student, *data, batch_size=10, shuffle=True), 5)
    assert_falls(loss_curve(losses, length=5), by=0.5)
    at_least(accuracy(model, *data), 0.9, "The accuracy")


@task("train", points=5)
def test_each_step_has_its_own_gradient(student, data):
    """A step moves each parameter by 0.1 times its gradient, the second step too."""
    model = seeded(student.MLP, 2, 3)
    for _ in range(2):
        before, (_, slope) = parameters(model), loss_and_gradients(model, *data)
        student.train(model, loader(student, *data, batch_size=90), 1)
        expected = {name: before[name] - 0.1 * slope[name] for name in slope}
        assert_close(parameters(model), expected, "Look at what each step begins with.")
'''
SOLUTION = """\
import torch
from torch import nn

class MLP(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(inputs, 16), nn.ReLU(), nn.Linear(16, classes))

    def forward(self, x):
        return self.net(x)

def train(model, loader, epochs, lr=0.1):
    losses = []
    for _ in range(epochs):
        total = 0.0
        for x, y in loader:
            model.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            with torch.no_grad():
                for p in model.parameters():
                    p -= lr * p.grad
            total += loss.item() * len(x)
        losses.append(total / len(loader.dataset))
    return losses
"""
MISCONCEPTIONS = """\
from autograder.testing import Misconception

MISCONCEPTIONS = (
    Misconception(
        "gradients add up", "train", ((("            model.zero_grad()\\n", ""),),),
        "Each step takes the gradients before once more.", "backward() adds.", "Look before it.",
        loses="each_step_has_its_own_gradient",
    ),
)
"""
OWN_STYLE = SOLUTION.replace(
    "            model.zero_grad()\n", "            for p in model.parameters(): p.grad = None\n"
).replace("self.net(x)", "self.net[2](torch.relu(self.net[0](x)))")
FORGOTTEN = OWN_STYLE.replace("            for p in model.parameters(): p.grad = None\n", "")
STUB = """\
from torch import nn

class MLP(nn.Module):
    def __init__(self, inputs, classes):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(inputs, 16), nn.ReLU(), nn.Linear(16, classes))

def train(model, loader, epochs, lr=0.1):
    raise NotImplementedError
"""


@pytest.fixture(scope="module")
def mlp(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Record]:
    suite = {
        "test_mlp.py": SUITE, "solution.py": SOLUTION, "misconceptions.py": MISCONCEPTIONS,
    }  # fmt: skip
    notebooks = {"right": SOLUTION, "own": OWN_STYLE, "forgotten": FORGOTTEN, "stub": STUB}
    folder = tmp_path_factory.mktemp("mlp")
    tasks = {"model": 5, "train": 15}
    return grade_with(folder, suite, notebooks, tasks=tasks, preload=["torch"])


def test_a_suite_for_a_classifier_takes_45_lines() -> None:
    assert len(SUITE.splitlines()) <= 45


@pytest.mark.parametrize("name", ["right", "own"])
def test_a_right_classifier_gets_full_points(mlp: dict[str, Record], name: str) -> None:
    assert mlp[name].score == 20, mlp[name].as_json()


def test_a_mistake_is_named_by_what_the_helpers_saw(mlp: dict[str, Record]) -> None:
    _, train = mlp["forgotten"].tasks
    assert train.misconceptions == ("gradients add up",)
    assert train.tests[1].message.startswith("Look at what each step begins with.")


def test_a_class_without_forward_is_not_filled_in(mlp: dict[str, Record]) -> None:
    model, train = mlp["stub"].tasks
    assert model.tests[0].message == "This part is not filled in yet: MLP has no `forward`."
    assert "not filled in yet" in train.tests[0].message


def test_a_process_without_torch_is_an_error_that_says_what_to_do(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    suite = {"test_all.py": HEAD + TEST.format("layers", "layers(student.Net())")}
    hidden = "import sys\nsys.modules['torch'] = None\nclass Net: pass"
    folder = tmp_path_factory.mktemp("hidden")
    record = grade_with(folder, suite, {"a": hidden}, tasks={"all": 1}, preload=["json"])["a"]
    (found,) = record.tasks[0].tests
    assert found.outcome == "error"
    assert "add it to `preload` of the assignment in course.yml" in found.message


def test_the_helpers_load_neither_torch_nor_sklearn() -> None:
    hide = "import sys; sys.modules.update(torch=None, sklearn=None)"
    load = "import autograder.testing.torch, autograder.testing.sklearn"
    subprocess.run([sys.executable, "-c", f"{hide}; {load}"], check=True)


def test_a_tensor_has_the_dtype_that_is_wanted() -> None:
    assert tensor([1, 2], "float64").dtype == "float64"
    assert tensor(np.ones((2, 3), "float32")).shape == (2, 3)
    assert tensor(1.5).shape == ()
    with pytest.raises(SuiteError, match="no tensor of dtype"):
        tensor(["text"])


def test_losses_that_are_none_are_observed_as_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    model, seen = object(), list[Observation]()
    monkeypatch.setattr(torch_helpers, "taken", lambda value, how: [1.0])  # its items
    with recording(seen), pytest.raises(Mismatch):
        loss_curve(model, length=2)
    assert [one.value for one in seen] == [model]


def test_how_far_a_loss_falls_is_observed_as_a_number() -> None:
    seen: list[Observation] = []
    with recording(seen), pytest.raises(Mismatch):
        assert_falls([1.0, 2.0])
    assert [one.is_reached for one in seen if one.kind == "at least"] == [False]
    with recording(seen):
        assert_falls([2.0, 0.5])
    assert seen[-1].is_reached
