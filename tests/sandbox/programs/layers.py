"""Runs torch's layers, losses, optimizers and schedulers; prints what comes out as JSON.

Each name in `torch.nn` and `torch.optim` needs an entry here, or one in `OUT_OF_SCOPE`: a layer that
a new version of torch brings makes the test fail.
"""

from __future__ import annotations

import inspect
import json
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn, optim
from torch.optim import lr_scheduler as schedulers
from torch.optim import swa_utils

warnings.simplefilter("ignore")
VALUES = 40  # of each tensor
OUT_OF_SCOPE = {
    "Module": "abstract",
    "Container": "deprecated, the same as Module",
    "RNNBase": "abstract: RNN, LSTM, GRU",
    "RNNCellBase": "abstract: RNNCell, LSTMCell, GRUCell",
    "SyncBatchNorm": "distributed, on GPUs only",
    "Optimizer": "abstract",
    "LRScheduler": "abstract",
    "_LRScheduler": "the old name of LRScheduler",
}


def image(dimensions: int = 2) -> Tensor:
    """Return two random images, lines or blocks."""
    return torch.randn(2, 4, *[8] * dimensions)


def rows() -> Tensor:
    """Return five random rows of four numbers."""
    return torch.randn(5, 4)


def words() -> Tensor:
    """Return two random sentences of six words out of ten."""
    return torch.randint(10, (2, 6))


def sentences() -> Tensor:
    """Return two random sequences of vectors of length four."""
    return torch.randn(2, 6, 4)


def signs() -> Tensor:
    """Return five random signs."""
    return torch.randint(2, (5,)) * 2.0 - 1


def zeros_and_ones() -> Tensor:
    """Return what five rows of four binary labels may be."""
    return torch.randint(2, (5, 4)).float()


def labels() -> Tensor:
    """Return five random classes out of four."""
    return torch.randint(4, (5,))


Case = tuple[Callable[[], nn.Module], Callable[[], tuple[Any, ...]]]
LAYERS: dict[str, Case] = {}

ELEMENTWISE = """
    AlphaDropout CELU Dropout ELU FeatureAlphaDropout Flatten GELU GLU Hardshrink Hardsigmoid
    Hardswish Hardtanh Identity LeakyReLU LogSigmoid Mish PReLU RReLU ReLU ReLU6 SELU SiLU Sigmoid
    Softplus Softshrink Softsign Tanh Tanhshrink
"""
for name in ELEMENTWISE.split():
    LAYERS[name] = getattr(nn, name), lambda: (rows(),)
for name in ("LogSoftmax", "Softmax", "Softmin"):
    LAYERS[name] = lambda name=name: getattr(nn, name)(dim=1), lambda: (rows(),)  # type: ignore[misc]
for dims in (1, 2, 3):

    def inputs(dims: int = dims) -> tuple[Tensor]:
        return (image(dims),)

    for name, arguments in {
        "AdaptiveAvgPool": (3,),
        "AdaptiveMaxPool": (3,),
        "AvgPool": (2,),
        "MaxPool": (2,),
        "LPPool": (2, 2),
        "BatchNorm": (4,),
        "InstanceNorm": (4,),
        "CircularPad": (1,),
        "ConstantPad": (1, 2.0),
        "ReflectionPad": (1,),
        "ReplicationPad": (1,),
        "ZeroPad": (1,),
        "Conv": (4, 3, 2),
        "ConvTranspose": (4, 3, 2),
        "Dropout": (),
        "LazyBatchNorm": (),
        "LazyInstanceNorm": (),
        "LazyConv": (3, 2),
        "LazyConvTranspose": (3, 2),
    }.items():
        layer = getattr(nn, f"{name}{dims}d")
        LAYERS[layer.__name__] = lambda layer=layer, a=arguments: layer(*a), inputs  # type: ignore[misc]

    def pooled(dims: int = dims) -> tuple[Tensor, Tensor]:
        pool = getattr(nn, f"MaxPool{dims}d")(2, return_indices=True)
        output, indices = pool(image(dims))
        return output.detach(), indices

    LAYERS[f"MaxUnpool{dims}d"] = lambda dims=dims: getattr(nn, f"MaxUnpool{dims}d")(2), pooled  # type: ignore[misc]

LAYERS |= {
    "AdaptiveLogSoftmaxWithLoss": (
        lambda: nn.AdaptiveLogSoftmaxWithLoss(4, 6, [2, 4]),
        lambda: (rows(), labels()),
    ),
    "BCELoss": (nn.BCELoss, lambda: (torch.rand(5, 4), zeros_and_ones())),
    "BCEWithLogitsLoss": (nn.BCEWithLogitsLoss, lambda: (rows(), zeros_and_ones())),
    "Bilinear": (lambda: nn.Bilinear(4, 4, 2), lambda: (rows(), rows())),
    "CTCLoss": (
        nn.CTCLoss,
        lambda: (torch.randn(8, 2, 5).log_softmax(2), torch.ones(2, 3).long(), [8, 8], [3, 2]),
    ),
    "ChannelShuffle": (lambda: nn.ChannelShuffle(2), lambda: (image(),)),
    "CosineEmbeddingLoss": (nn.CosineEmbeddingLoss, lambda: (rows(), rows(), signs())),
    "CosineSimilarity": (nn.CosineSimilarity, lambda: (rows(), rows())),
    "CrossEntropyLoss": (nn.CrossEntropyLoss, lambda: (rows(), labels())),
    "CrossMapLRN2d": (lambda: nn.CrossMapLRN2d(2), lambda: (image(),)),
    "DataParallel": (lambda: nn.DataParallel(nn.Linear(4, 2)), lambda: (rows(),)),
    "Embedding": (lambda: nn.Embedding(10, 4), lambda: (words(),)),
    "EmbeddingBag": (lambda: nn.EmbeddingBag(10, 4), lambda: (words(),)),
    "Fold": (lambda: nn.Fold(5, 2), lambda: (torch.randn(2, 8, 16),)),
    "FractionalMaxPool2d": (lambda: nn.FractionalMaxPool2d(2, 4), lambda: (image(),)),
    "FractionalMaxPool3d": (lambda: nn.FractionalMaxPool3d(2, 4), lambda: (image(3),)),
    "GRU": (lambda: nn.GRU(4, 3, 2), lambda: (sentences(),)),
    "GRUCell": (lambda: nn.GRUCell(4, 3), lambda: (rows(),)),
    "GaussianNLLLoss": (nn.GaussianNLLLoss, lambda: (rows(), rows(), torch.rand(5, 4))),
    "GroupNorm": (lambda: nn.GroupNorm(2, 4), lambda: (image(),)),
    "HingeEmbeddingLoss": (nn.HingeEmbeddingLoss, lambda: (torch.randn(5), signs())),
    "HuberLoss": (nn.HuberLoss, lambda: (rows(), rows())),
    "KLDivLoss": (
        lambda: nn.KLDivLoss(reduction="batchmean"),
        lambda: (rows().log_softmax(1), rows().softmax(1)),
    ),
    "L1Loss": (nn.L1Loss, lambda: (rows(), rows())),
    "LSTM": (lambda: nn.LSTM(4, 3, bidirectional=True), lambda: (sentences(),)),
    "LSTMCell": (lambda: nn.LSTMCell(4, 3), lambda: (rows(),)),
    "LayerNorm": (lambda: nn.LayerNorm(4), lambda: (rows(),)),
    "LazyLinear": (lambda: nn.LazyLinear(2), lambda: (rows(),)),
    "Linear": (lambda: nn.Linear(4, 2), lambda: (rows(),)),
    "LinearCrossEntropyLoss": (
        lambda: nn.LinearCrossEntropyLoss(4, 4),  # type: ignore[attr-defined,unused-ignore]
        lambda: (rows(), labels()),
    ),
    "LocalResponseNorm": (lambda: nn.LocalResponseNorm(2), lambda: (image(),)),
    "MSELoss": (nn.MSELoss, lambda: (rows(), rows())),
    "MarginRankingLoss": (
        nn.MarginRankingLoss,
        lambda: (torch.randn(5), torch.randn(5), signs()),
    ),
    "ModuleDict": (lambda: Holder(nn.ModuleDict({"a": nn.Linear(4, 2)})), lambda: (rows(),)),
    "ModuleList": (lambda: Holder(nn.ModuleList([nn.Linear(4, 2)])), lambda: (rows(),)),
    "MultiLabelMarginLoss": (
        nn.MultiLabelMarginLoss,
        lambda: (rows(), torch.tensor([[3, 0, -1, 1]] * 5)),
    ),
    "MultiLabelSoftMarginLoss": (
        nn.MultiLabelSoftMarginLoss,
        lambda: (rows(), zeros_and_ones()),
    ),
    "MultiMarginLoss": (nn.MultiMarginLoss, lambda: (rows(), labels())),
    "MultiheadAttention": (
        lambda: nn.MultiheadAttention(4, 2),
        lambda: (sentences(), sentences(), sentences()),
    ),
    "NLLLoss": (nn.NLLLoss, lambda: (rows().log_softmax(1), labels())),
    "NLLLoss2d": (
        nn.NLLLoss2d,
        lambda: (image().log_softmax(1), torch.randint(4, (2, 8, 8))),
    ),
    "PairwiseDistance": (nn.PairwiseDistance, lambda: (rows(), rows())),
    "ParameterDict": (
        lambda: Holder(nn.ParameterDict({"a": torch.randn(4)})),
        lambda: (rows(),),
    ),
    "ParameterList": (lambda: Holder(nn.ParameterList([torch.randn(4)])), lambda: (rows(),)),
    "PixelShuffle": (lambda: nn.PixelShuffle(2), lambda: (image(),)),
    "PixelUnshuffle": (lambda: nn.PixelUnshuffle(2), lambda: (image(),)),
    "PoissonNLLLoss": (nn.PoissonNLLLoss, lambda: (rows(), torch.randint(5, (5, 4)).float())),
    "RMSNorm": (lambda: nn.RMSNorm(4), lambda: (rows(),)),
    "RNN": (lambda: nn.RNN(4, 3), lambda: (sentences(),)),
    "RNNCell": (lambda: nn.RNNCell(4, 3), lambda: (rows(),)),
    "Sequential": (lambda: nn.Sequential(nn.Linear(4, 2), nn.ReLU()), lambda: (rows(),)),
    "SmoothL1Loss": (nn.SmoothL1Loss, lambda: (rows(), rows())),
    "SoftMarginLoss": (nn.SoftMarginLoss, lambda: (torch.randn(5), signs().long())),
    "Softmax2d": (nn.Softmax2d, lambda: (image(),)),
    "Threshold": (lambda: nn.Threshold(0.1, 2.0), lambda: (rows(),)),
    "Transformer": (
        lambda: nn.Transformer(4, 2, 1, 1, 8),
        lambda: (sentences(), sentences()),
    ),
    "TransformerDecoder": (
        lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, 8), 2),
        lambda: (sentences(), sentences()),
    ),
    "TransformerDecoderLayer": (
        lambda: nn.TransformerDecoderLayer(4, 2, 8),
        lambda: (sentences(), sentences()),
    ),
    "TransformerEncoder": (
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 8), 2),
        lambda: (sentences(),),
    ),
    "TransformerEncoderLayer": (
        lambda: nn.TransformerEncoderLayer(4, 2, 8),
        lambda: (sentences(),),
    ),
    "TripletMarginLoss": (nn.TripletMarginLoss, lambda: (rows(), rows(), rows())),
    "TripletMarginWithDistanceLoss": (
        nn.TripletMarginWithDistanceLoss,
        lambda: (rows(), rows(), rows()),
    ),
    "Unflatten": (lambda: nn.Unflatten(1, (2, 2)), lambda: (rows(),)),
    "Unfold": (lambda: nn.Unfold(2), lambda: (image(),)),
    "Upsample": (lambda: nn.Upsample(scale_factor=2), lambda: (image(),)),
    "UpsamplingBilinear2d": (lambda: nn.UpsamplingBilinear2d(scale_factor=2), lambda: (image(),)),
    "UpsamplingNearest2d": (lambda: nn.UpsamplingNearest2d(scale_factor=2), lambda: (image(),)),
}
OPTIMIZERS = {"SGD": {"lr": 0.1, "momentum": 0.9}}
SCHEDULERS: dict[str, Callable[[Any], Any]] = {
    "ChainedScheduler": lambda o: schedulers.ChainedScheduler([schedulers.ConstantLR(o)]),
    "ConstantLR": schedulers.ConstantLR,
    "CosineAnnealingLR": lambda o: schedulers.CosineAnnealingLR(o, 5),
    "CosineAnnealingWarmRestarts": lambda o: schedulers.CosineAnnealingWarmRestarts(o, 2),
    "CyclicLR": lambda o: schedulers.CyclicLR(o, 0.01, 0.1, 2),
    "ExponentialLR": lambda o: schedulers.ExponentialLR(o, 0.9),
    "LambdaLR": lambda o: schedulers.LambdaLR(o, lambda epoch: 0.9**epoch),
    "LinearLR": schedulers.LinearLR,
    "MultiStepLR": lambda o: schedulers.MultiStepLR(o, [1, 3]),
    "MultiplicativeLR": lambda o: schedulers.MultiplicativeLR(o, lambda epoch: 0.9),
    "OneCycleLR": lambda o: schedulers.OneCycleLR(o, 0.1, total_steps=6),
    "PolynomialLR": schedulers.PolynomialLR,
    "ReduceLROnPlateau": lambda o: schedulers.ReduceLROnPlateau(o, patience=0),
    "SWALR": lambda o: swa_utils.SWALR(o, 0.05),
    "SequentialLR": lambda o: schedulers.SequentialLR(
        o, [schedulers.ConstantLR(o), schedulers.ExponentialLR(o, 0.9)], [2]
    ),
    "StepLR": lambda o: schedulers.StepLR(o, 2),
}


class Holder(nn.Module):
    """Uses everything that a container holds."""

    def __init__(self, held: Any) -> None:
        super().__init__()
        self.held = held

    def forward(self, x: Tensor) -> Any:
        """Apply each module, or multiply by each parameter."""
        held = self.held.values() if hasattr(self.held, "values") else self.held
        return [part(x) if isinstance(part, nn.Module) else part * x for part in held]


def run_layer(make: Callable[[], nn.Module], make_inputs: Callable[[], tuple[Any, ...]]) -> Any:
    """Run a layer or loss forward and backward; return its outputs and all gradients."""
    torch.manual_seed(0)
    layer, inputs = make(), make_inputs()
    for tensor in tensors(inputs):
        tensor.requires_grad_(tensor.is_floating_point())
    outputs = list(tensors(layer(*inputs)))
    torch.stack([output.sum() for output in outputs if output.requires_grad]).sum().backward()
    sources = [*tensors(inputs), *layer.parameters()]
    gradients = [source.grad for source in sources if source.grad is not None]
    assert gradients or not any(source.requires_grad for source in sources)
    return [plain(tensor) for tensor in [*outputs, *gradients]]


def tensors(values: Any) -> Iterator[Tensor]:
    """Yield the tensors among what a layer takes or returns."""
    if isinstance(values, Tensor):
        yield values
    elif isinstance(values, list | tuple):
        for value in values:
            yield from tensors(value)


def train(optimizer: str, scheduler: str = "") -> Any:
    """Fit a small model in five steps; return its parameters, the losses and learning rates."""
    torch.manual_seed(0)
    embedding = nn.Embedding(10, 4, sparse=optimizer == "SparseAdam")
    target, sentence = torch.randn(2, 6, 4), words()
    mover = getattr(optim, optimizer)(embedding.parameters(), **OPTIMIZERS.get(optimizer, {}))
    schedule = SCHEDULERS[scheduler](mover) if scheduler else None

    def closure() -> Any:
        mover.zero_grad()
        loss = (embedding(sentence) - target).square().mean()
        loss.backward()
        return loss

    history: list[float] = []
    for _ in range(5):
        history.append(mover.step(closure).item())
        if schedule is not None:
            plateau = isinstance(schedule, schedulers.ReduceLROnPlateau)
            schedule.step(1.0) if plateau else schedule.step()
        history.append(float(mover.param_groups[0]["lr"]))
    return [plain(embedding.weight), [[len(history)], history]]


def plain(tensor: Tensor) -> tuple[list[int], list[float]]:
    """Return a tensor's shape and first values."""
    values = tensor.detach().to_dense().double().flatten()[:VALUES]
    return list(tensor.shape), values.tolist()


def classes(module: Any, base: type) -> list[str]:
    """Return the names of all classes of a kind that a module of torch has and that are in scope."""
    kinds = {name: value for name, value in vars(module).items() if inspect.isclass(value)}
    return [n for n, kind in kinds.items() if issubclass(kind, base) and n not in OUT_OF_SCOPE]


def outcome(run: Callable[[], Any]) -> Any:
    """Return what a run yields, or the error that ended it."""
    try:
        return run()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


results: dict[str, Any] = {}
for name in classes(nn, nn.Module):
    results[name] = outcome(lambda: run_layer(*LAYERS[name]))  # noqa: B023  called here
for name in classes(optim, optim.Optimizer):
    results[name] = outcome(lambda: train(name))  # noqa: B023
for place in (schedulers, swa_utils):
    for name in classes(place, schedulers.LRScheduler):
        results[name] = outcome(lambda: train("SGD", name))  # noqa: B023
print(json.dumps(results))
