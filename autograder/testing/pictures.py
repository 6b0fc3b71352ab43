"""What a suite's `pictures.py` may have drawn, on feedback pages, of arrays that its tests record.

    PICTURES = (LossCurve("losses", every="epoch"),)

draws what a test has recorded with `record_array("losses", loss_curve(history))`.
"""

from dataclasses import dataclass

from autograder.diagnosis.observations import Array

__all__ = ["LineFit", "LossCurve"]


@dataclass(frozen=True, eq=False)
class LossCurve:
    """A loss over the steps of a training, on a logarithmic axis.

    Attributes:
        name: the name of the recorded array: the losses (n,), all of them positive.
        right: the name of another one, the reference's, to draw beside it.
        every: what the training counts: "step" or "epoch".
    """

    name: str
    right: str = ""
    every: str = "step"


@dataclass(frozen=True, eq=False)
class LineFit:
    """How gradient descent on the mean squared error fits the line y = w x + b to data.

    It is drawn three times: the data with the line before and after training, the loss over the
    steps, and the path of (w, b) over contours of the loss, each beside the reference's, which
    takes every step right.

    Attributes:
        name: the name of the recorded array (n, 2): w and b before the first step and after each.
        x, y: the data, (m,).
        first: where the reference starts, (w, b).
        lr: its learning rate.
        steps: how many steps it takes.
    """

    name: str
    x: Array
    y: Array
    first: tuple[float, float]
    lr: float
    steps: int
