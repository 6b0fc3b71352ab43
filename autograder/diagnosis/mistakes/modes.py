"""Modes and randomness: training or evaluating, seeds, shuffling, starting values."""

import ast
from collections.abc import Iterator

from autograder.diagnosis.mistakes.mistake import Mistake
from autograder.diagnosis.mistakes.patterns import (
    called,
    fill,
    is_code,
    is_value,
    keyword,
    last_name,
    rename,
    renamed,
    statements,
)
from autograder.diagnosis.mistakes.reading import lower, parameter_names
from autograder.diagnosis.mistakes.sources import DEEPCRIME, HUMBATOVA, KARPATHY, PITFALLS
from autograder.diagnosis.syntax_tree import Change, Operator, Site, with_fields

SEEDS = ("seed", "manual_seed", "manual_seed_all", "set_seed")


def _without(name: str) -> Operator:
    def rule(site: Site) -> Iterator[Change]:
        match site.node:
            case ast.Expr(value=ast.Call(args=[], func=ast.Attribute(attr=called_name))) if (
                called_name == name
            ):
                yield site.drop()
            case ast.Call(func=ast.Attribute(value=owner, attr=called_name), args=[]) if (
                called_name == name and not isinstance(site.parent, ast.Expr)
            ):
                yield site.replace(owner)

    return rule


def _always_training(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Attribute(attr="training") if is_value(site):
            yield site.replace(ast.Constant(True))
        case ast.Name(id="training" | "train") if is_value(site) and isinstance(
            site.parent, ast.If
        ):
            yield site.replace(ast.Constant(True))


def _unseeded(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Expr(value=ast.Call() as call) if called(call, *SEEDS):
            yield site.drop()
        case ast.Call(args=[_, *_]) if called(site.node, "default_rng", "RandomState", "Generator"):
            yield site.replace(with_fields(site.node, args=[]))
        case ast.keyword(arg="random_state" | "seed" | "generator"):
            yield site.drop()


def _seeded_in_loop(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Expr(value=ast.Call() as call) if called(call, *SEEDS):
            yield from lower(site)
        case ast.Assign(value=ast.Call() as call) if called(call, "default_rng", "RandomState"):
            yield from lower(site)


def _not_shuffled(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.keyword(arg="shuffle", value=ast.Constant(value=True)):
            yield site.replace(with_fields(site.node, value=ast.Constant(False)))
        case ast.Expr(value=ast.Call() as call) if called(call, "shuffle"):
            yield site.drop()
        case ast.Call(args=[count]) if called(site.node, "permutation"):
            yield site.replace(fill("np.arange(_n)", {"_n": count}))
        case ast.Call(args=[count]) if called(site.node, "randperm"):
            yield site.replace(fill("torch.arange(_n)", {"_n": count}))


def _apart(site: Site) -> Iterator[Change]:
    """Leave the labels in their order where rows and labels are put into another one."""
    match site.node:
        case ast.Tuple(elts=[ast.Subscript() as one, ast.Subscript() as other]) if is_value(site):
            if ast.unparse(one.slice) == ast.unparse(other.slice) and isinstance(
                one.slice, ast.Name
            ):
                yield site.replace(with_fields(site.node, elts=[one, other.value]))


def _uniform(site: Site) -> Iterator[Change]:
    node = site.node
    if isinstance(node, ast.Call):
        torch_like = ast.unparse(node.func).startswith("torch.")
        others = {"randn": "rand", "standard_normal": "random", "randn_like": "rand_like"}
        for old, new in others.items():
            if called(node, old):
                yield site.replace(with_fields(node, func=renamed(node.func, new)))
        if called(node, "normal") and not torch_like and not node.args:
            yield site.replace(with_fields(node, func=renamed(node.func, "uniform")))


def _normal(site: Site) -> Iterator[Change]:
    yield from rename({"rand": "randn", "rand_like": "randn_like"})(site)
    node = site.node
    if isinstance(node, ast.Call) and called(node, "random") and node.args:
        yield site.replace(with_fields(node, func=renamed(node.func, "standard_normal")))
    if isinstance(node, ast.Call) and called(node, "uniform") and len(node.args) in (0, 2):
        yield site.replace(with_fields(node, func=renamed(node.func, "normal")))


def _replaced(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.keyword(arg="replace", value=ast.Constant(value=False)):
            yield site.drop()
        case ast.Call() if called(site.node, "sample") and "random" in ast.unparse(site.node.func):
            count = site.node.args[1] if len(site.node.args) == 2 else None
            if count is not None:
                k = [ast.keyword("k", count)]
                new = with_fields(
                    site.node, func=renamed(site.node.func, "choices"), args=site.node.args[:1]
                )
                yield site.replace(with_fields(new, keywords=k))


def _not_replaced(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.keyword(arg="replace" | "bootstrap", value=ast.Constant(value=True)):
            yield site.replace(with_fields(site.node, value=ast.Constant(False)))
        case ast.Call(args=[_, _]) if called(site.node, "choice") and not keyword(
            site.node, "replace"
        ):
            off = ast.keyword("replace", ast.Constant(False))
            yield site.replace(with_fields(site.node, keywords=[*site.node.keywords, off]))


def _keeps(site: Site) -> Iterator[Change]:
    match site.node:
        case ast.Call(args=[ast.Name() | ast.Constant() | ast.Attribute() as share]) if called(
            site.node, "Dropout", "dropout"
        ):
            yield site.replace(with_fields(site.node, args=[fill("1 - _p", {"_p": share})]))
        case ast.Compare(left=left, ops=[op], comparators=[share]) if any(
            called(one, "random", "rand", "rand_like", "uniform") for one in ast.walk(left)
        ):
            other = fill("1 - _p", {"_p": share})
            yield site.replace(with_fields(site.node, comparators=[other], ops=[op]))
        case ast.keyword(arg="p", value=ast.Name() | ast.Constant() | ast.Attribute() as share) if (
            called(site.parent, "Dropout", "dropout")
        ):
            yield site.replace(with_fields(site.node, value=fill("1 - _p", {"_p": share})))


def _zeros(site: Site) -> Iterator[Change]:
    """Start at zero where it should be a random draw."""
    node = site.node
    if not isinstance(node, ast.Call) or not called(
        node, "randn", "rand", "normal", "standard_normal"
    ):
        return
    if ast.unparse(node.func).startswith("torch."):
        yield site.replace(with_fields(node, func=renamed(node.func, "zeros")))
    elif called(node, "randn", "rand"):
        shape: ast.expr = node.args[0] if len(node.args) == 1 else ast.Tuple(node.args, ast.Load())
        yield site.replace(fill("np.zeros(_s)", {"_s": shape}))
    elif size := keyword(node, "size"):
        yield site.replace(fill("np.zeros(_s)", {"_s": size.value}))
    elif called(node, "standard_normal") and len(node.args) == 1:
        yield site.replace(fill("np.zeros(_s)", {"_s": node.args[0]}))


def _frozen(site: Site) -> Iterator[Change]:
    """Turn off gradients for good, where they are turned off for a while."""
    if isinstance(site.node, ast.With) and is_code(
        "torch.no_grad()", site.node.items[0].context_expr
    ):
        for call in ast.walk(site.node):
            if isinstance(call, ast.Call) and last_name(call.func) in parameter_names(site):
                freeze = statements("_m.requires_grad_(False)", _m=call.func)
                yield site.change("frozen", [*freeze, *site.node.body])
        off = statements("torch.set_grad_enabled(False)")
        yield site.change("off for everything", [*off, *site.node.body])


MISTAKES = (
    Mistake(
        "parameters_frozen",
        3,
        _frozen,
        "Gradients stay switched off: afterwards the model cannot be trained any more.",
        "They should be off for a while, not for good.",
        "Look at what your code changes in the model that it is given, or in torch itself.",
        f"{HUMBATOVA}: wrong management of the training process",
    ),
    Mistake(
        "still_in_training_mode",
        1,
        _without("eval"),
        "The model is evaluated in training mode.",
        "Dropout and batch normalisation then behave as in training, and results are random.",
        "Look at the line before the predictions.",
        f"{KARPATHY}; wolny/pytorch-3dunet#53",
    ),
    Mistake(
        "still_in_evaluation_mode",
        2,
        _without("train"),
        "The model is trained, or left, in evaluation mode.",
        "Dropout and batch normalisation are then switched off while it learns.",
        "Look at where the mode is changed, and whether it is changed back.",
        f"{KARPATHY}; fartashf/vsepp#4",
    ),
    Mistake(
        "always_training",
        2,
        _always_training,
        "Something behaves as in training all the time.",
        "What makes training random should not happen when the model is used.",
        "Look at what depends on the mode.",
        f"{KARPATHY}; udacity/deep-learning-v2-pytorch#3",
    ),
    Mistake(
        "seed_forgotten",
        1,
        _unseeded,
        "Nothing is seeded: every call gives other random numbers.",
        "Without a seed nobody can repeat the result.",
        "Look at where the random numbers come from.",
        f"{PITFALLS}: controlling randomness",
    ),
    Mistake(
        "seeded_in_every_round",
        2,
        _seeded_in_loop,
        "The seed is set in every round, so that all rounds get the same random numbers.",
        "A seed starts the sequence over.",
        "Look at how often the line with the seed runs.",
        f"{PITFALLS}: controlling randomness",
    ),
    Mistake(
        "not_shuffled",
        2,
        _not_shuffled,
        "The order of the rows stays as it is: nothing is shuffled.",
        "Rows often come sorted, and then a part of them does not look like the whole.",
        "Print the order before and after.",
        f"{HUMBATOVA}: wrong position of data shuffle operation",
    ),
    Mistake(
        "labels_left_behind",
        1,
        _apart,
        "The rows are put in another order, and the labels are not.",
        "A row then has the label of another one.",
        "Print the first rows with their labels, before and after.",
        "DrexelChatbotGroup/DrexelChatbot#15",
    ),
    Mistake(
        "uniform_for_normal",
        2,
        _uniform,
        "The random numbers are uniform where they should be normal.",
        "They lie between 0 and 1 and have another mean and deviation.",
        "Print the smallest, the largest and the mean of what you draw.",
        f"{DEEPCRIME}: change weights initialisation",
    ),
    Mistake(
        "normal_for_uniform",
        2,
        _normal,
        "The random numbers are normal where they should be uniform.",
        "They have no bounds, and half of them are negative.",
        "Print the smallest, the largest and the mean of what you draw.",
        f"{DEEPCRIME}: change weights initialisation",
    ),
    Mistake(
        "drawn_with_replacement",
        2,
        _replaced,
        "Rows are drawn with replacement: some occur twice, others not at all.",
        "A subset has each row once at most.",
        "Count how often each row is drawn.",
        "NumPy documentation, numpy.random.Generator.choice: replace",
    ),
    Mistake(
        "drawn_without_replacement",
        2,
        _not_replaced,
        "Rows are drawn without replacement: none occurs twice.",
        "A bootstrap sample draws from all rows each time.",
        "Count how often each row is drawn.",
        "NumPy documentation, numpy.random.Generator.choice: replace",
    ),
    Mistake(
        "kept_for_dropped",
        2,
        _keeps,
        "The share that should be dropped is kept, or the reverse.",
        "A probability of dropping and one of keeping add up to one.",
        "Try it with a share of nearly zero: is nearly everything left, or nearly nothing?",
        f"{HUMBATOVA}: hyperparameters",
    ),
    Mistake(
        "zeros_for_random_start",
        2,
        _zeros,
        "What should start at random starts at zero.",
        "Units that start alike get the same gradients, and stay alike.",
        "Look at how the starting values are made.",
        f"{HUMBATOVA}: wrong weight initialization",
    ),
    Mistake(
        "ones_for_zeros",
        2,
        rename({"zeros": "ones", "zeros_like": "ones_like"}),
        "What should start at zero starts at one.",
        "Every later value then contains the one that it started from.",
        "Look at how the starting values are made.",
        f"{HUMBATOVA}: wrong weight initialization",
    ),
)
