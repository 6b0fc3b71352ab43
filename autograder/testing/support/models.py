"""Support code of `autograder.testing.torch`: works with models in the student's process."""

import contextlib
import itertools
import sys
import threading

import torch

AUTOGRAD = {"autograd", "_functorch", "func", "_dynamo", "jax", "tensorflow"}
"""The folders of packages that differentiate."""


class WrongObject(TypeError):
    """Something is not what it should be; the message is for the student."""


def parameters(model, wanted):
    """Return the names of a model's parameters, of those wanted or of all, and the parameters."""
    found = _parameters(model, wanted)
    return list(found), list(found.values())


def gradients(model):
    """Return the names of a model's parameters, and their gradients; None where there is none."""
    found = _parameters(model)
    return list(found), [parameter.grad for parameter in found.values()]


def set_parameters(model, names, values):
    """Put numbers into parameters, in place: all or none of them."""
    found = _parameters(model, names)
    for name, value in zip(names, values, strict=True):
        if found[name].shape != value.shape:
            raise WrongObject(
                f"`{name}` of the model should have shape {tuple(value.shape)}, but it has shape "
                f"{tuple(found[name].shape)}."
            )
    with torch.no_grad():
        for name, value in zip(names, values, strict=True):
            found[name].copy_(value)


def count_parameters(model):
    """Return how many numbers a model's parameters have."""
    return sum(parameter.numel() for parameter in _parameters(model).values())


def layers(model):
    """Return the names of the types of a model's innermost modules."""
    modules = [part for part in _module(model).modules() if next(part.children(), None) is None]
    own = not type(model).__module__.startswith("torch.")  # a class without any layers
    return [type(part).__name__ for part in modules if not (part is model and own)]


def is_training(model):
    """Return whether a model is in training mode."""
    return bool(_module(model).training)


def outputs(model, x):
    """Return what a model gives in evaluation mode."""
    with torch.no_grad(), _restoring(model):
        if isinstance(model, torch.nn.Module):
            model.eval()
        return _call(model, x)


def loss_and_gradients(model, x, y, loss):
    """Return a loss, the names of the parameters, and its derivatives by them."""
    found = _parameters(model)
    function = getattr(torch.nn.functional, loss) if isinstance(loss, str) else loss
    with _restoring(model):
        value = function(_call(model, x), y)
        learning = [parameter for parameter in found.values() if parameter.requires_grad]
        if not isinstance(value, torch.Tensor) or not value.requires_grad or not learning:
            raise WrongObject(
                "No gradient flows from the loss to the parameters. Look for .detach(), .item(), "
                ".data, torch.no_grad() or a new torch.tensor(...) between them."
            )
        derivatives = torch.autograd.grad(value, learning, allow_unused=True)
    by_id = dict(zip(map(id, learning), derivatives, strict=True))
    return value, list(found), [by_id.get(id(parameter)) for parameter in found.values()]


def vjp(model, x, v, wanted):
    """Return whether autograd recorded anything, as 0 or 1, the parameters' names, and v·Jacobian.

    The latter two are None if no gradient flows from the output.
    """
    recorded = []
    with torch.autograd.graph.saved_tensors_hooks(
        lambda saved: recorded.append(True) or saved, lambda saved: saved
    ):
        output = _call(model, x)
    if not _is_tensor(output) or not output.requires_grad:
        return float(bool(recorded)), None, None
    if output.numel() != v.numel():
        raise WrongObject(
            f"The model's output should have shape {tuple(v.shape)}, but it has shape "
            f"{tuple(output.shape)}."
        )
    found = _parameters(model, wanted)
    flowing = (v * output.to_dense().reshape(v.shape)).sum()
    derivatives = torch.autograd.grad(flowing, list(found.values()), allow_unused=True)
    return float(bool(recorded)), list(found), list(derivatives)


def uses_autograd(function, arguments):
    """Return whether a call of the function calls an automatic differentiation; None if it fails.

    Those are found by the paths of the files whose functions are called.
    """
    found = []

    def watch(frame, event, called):
        *folders, file = frame.f_code.co_filename.replace("\\", "/").split("/")
        differentiates = file != "grad_mode.py" and not AUTOGRAD.isdisjoint(folders)
        if differentiates or (event == "c_call" and called.__name__ == "run_backward"):
            found.append(file)

    threading.setprofile(watch)
    sys.setprofile(watch)
    try:
        function(*arguments)
    except Exception:
        return None
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    return bool(found)


def loader(arrays, batch_size, shuffle, seed):
    """Return a DataLoader with random numbers of its own."""
    data = torch.utils.data.TensorDataset(*arrays)
    generator = torch.Generator().manual_seed(seed)
    return torch.utils.data.DataLoader(data, batch_size, shuffle=shuffle, generator=generator)


def network(sizes, seed):
    """Return a network of linear layers with ReLU between them, seeded."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        pairs = itertools.pairwise(sizes)
        parts = [part for pair in pairs for part in (torch.nn.Linear(*pair), torch.nn.ReLU())]
    return torch.nn.Sequential(*parts[:-1])


def _module(model):
    if not isinstance(model, torch.nn.Module):
        raise _no_model(model)
    if "_parameters" not in vars(model):
        raise WrongObject(
            f"The model, a {type(model).__name__}, is not set up: its `__init__` must begin with "
            "`super().__init__()`."
        )
    return model


def _no_model(value):
    name = type(value).__name__
    kind = f"an {name}" if name[:1].lower() in tuple("aeiou") else f"a {name}"
    if value is None:
        kind = "None (is a `return` missing?)"
    if isinstance(value, type):
        kind = f"the class {value.__name__} itself, not an object of it"
    return WrongObject(f"The model should be a `torch.nn.Module`, but it is {kind}.")


def _parameters(model, wanted=()):
    """Return the parameters of a module by their names, or else the tensors of an object.

    Those are the tensors in its list or dictionary `params`, or else those among its attributes:
    the ones that collect gradients, if there are any. If some are wanted, it is these, of an object
    by attribute; if it names its parameters otherwise, they are in the order of the list.
    """
    if isinstance(model, torch.nn.Module):
        found = dict(_module(model).named_parameters())
        return _chosen(found, wanted) if wanted else found
    own = {name: getattr(model, name, None) for name in wanted}
    if own and all(map(_is_tensor, own.values())):
        return own
    found = _tensors(model)
    if wanted and len(found) == len(wanted) and set(found) != set(wanted):
        return dict(zip(wanted, found.values(), strict=True))
    return _chosen(found, wanted) if wanted else found


def _chosen(found, wanted):
    for name in wanted:
        if name not in found:
            raise WrongObject(f"The model has no `{name}`. It has {', '.join(found) or 'nothing'}.")
    return {name: found[name] for name in wanted}


def _tensors(model):
    attributes = {} if isinstance(model, type) else getattr(model, "__dict__", {})
    found = {name: part for name, part in attributes.items() if _is_tensor(part)}
    listed = attributes.get("params")
    if isinstance(listed, list | tuple) and all(map(_is_tensor, listed)):
        names = {id(part): name for name, part in found.items()}
        found = {names.get(id(p), f"params[{index}]"): p for index, p in enumerate(listed)}
    elif isinstance(listed, dict) and all(map(_is_tensor, listed.values())):
        found = {str(name): part for name, part in listed.items()}
    elif any(part.requires_grad for part in found.values()):
        found = {name: part for name, part in found.items() if part.requires_grad}
    for name, part in attributes.items():
        if isinstance(part, torch.nn.Module):
            found |= dict(part.named_parameters(prefix=name))
    if not found:
        raise _no_model(model)
    return found


def _is_tensor(value):
    return isinstance(value, torch.Tensor)


def _call(model, x):
    """Return what a model gives for inputs, which get its dtype."""
    forward = model if callable(model) else getattr(model, "forward", None)
    if isinstance(model, type) or not callable(forward):
        raise _no_model(model)
    if isinstance(model, torch.nn.Module) and _is_tensor(x) and x.is_floating_point():
        floats = (p.dtype for p in _module(model).parameters() if p.is_floating_point())
        x = x.to(next(floats, x.dtype))
    return forward(x)


@contextlib.contextmanager
def _restoring(model):
    """Restore a model's modes and buffers, and torch's random numbers, which start anew."""
    modules = list(_module(model).modules()) if isinstance(model, torch.nn.Module) else []
    modes = [part.training for part in modules]
    buffers = [(one, one.clone()) for part in modules for one in part.buffers(recurse=False)]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        try:
            yield
        finally:
            for part, mode in zip(modules, modes, strict=True):
                part.training = mode
            with torch.no_grad():
                for buffer, before in buffers:
                    buffer.copy_(before)
