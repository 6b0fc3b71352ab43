"""Figures of many kinds, as students make them."""

from __future__ import annotations

from datetime import date
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

X = torch.linspace(-2, 2, 60).reshape(-1, 1)


def points_and_line() -> Figure:
    """Return points and a line of tensors, with labels and a legend."""
    figure = plt.figure(figsize=(5, 3.2))
    plt.scatter(X[:, 0], X[:, 0] ** 3, s=4, alpha=0.4, label="data")
    plt.plot(X[:, 0], 4 * X[:, 0], color="tab:red", label="model")
    plt.title("A line"), plt.xlabel("x"), plt.ylabel("y")
    plt.legend(loc="upper left")
    return figure


def logarithmic() -> Figure:
    """Return a line over a logarithmic axis."""
    figure, axes = plt.subplots(figsize=(4, 3))
    axes.plot(np.exp(-np.arange(30) / 5), marker=".")
    axes.set(yscale="log", xlabel="step")
    axes.grid(True)
    return figure


def grid_of_axes() -> Figure:
    """Return axes with shared axes, an image and bars, laid out tightly."""
    figure, axes = plt.subplots(2, 2, sharex="col")
    axes[0, 0].imshow(np.eye(3))
    axes[0, 1].bar(["a", "b"], [1, 2])
    axes[1, 1].barh([1, 2], [3, 4])
    axes[1, 0].tick_params(labelsize=6, color="red", direction="in")
    figure.suptitle("Four")
    figure.tight_layout()
    return figure


def constrained() -> Figure:
    """Return a histogram and an image with its colours, in a constrained layout."""
    figure, axes = plt.subplots(1, 2, layout="constrained")
    axes[0].hist(X[:, 0], bins=5)
    figure.colorbar(axes[1].imshow(np.arange(16).reshape(4, 4)))
    return figure


def beside() -> Figure:
    """Return a legend beside the axes, and turned labels of dates."""
    figure = plt.figure()
    days: Any = [date(2024, 1, 1), date(2024, 9, 1)]
    plt.plot(days, [1, 2], label="loss")
    plt.legend(loc="upper left", bbox_to_anchor=(1.02, 1))
    plt.xticks(rotation=45)
    return figure


def far_outside() -> Figure:
    """Return a text far outside of the figure."""
    figure, axes = plt.subplots()
    axes.plot([1, 2])
    axes.text(1.6, 0.5, "far away", transform=axes.transAxes)
    return figure


def twins() -> Figure:
    """Return two axes in one place, with a secondary one."""
    figure, axes = plt.subplots()
    axes.plot([1, 2])
    axes.twinx().plot([100, 50])
    axes.secondary_xaxis("top")
    axes.spines["right"].set_visible(False)
    return figure


def centred() -> Figure:
    """Return axes through the origin, with equal scales and without some ticks."""
    figure, axes = plt.subplots()
    axes.plot([-1, 1], [-1, 8])
    axes.set_aspect("equal", adjustable="datalim")
    axes.spines["left"].set_position("zero")
    axes.spines["bottom"].set_position(("outward", 10))
    axes.set_xticks([])
    axes.minorticks_on()
    return figure


def dark() -> Figure:
    """Return a figure that was made in another style than it is drawn in."""
    with plt.style.context("dark_background"):
        figure = plt.figure()
        plt.plot([1, 2])
    plt.gca().tick_params(length=8)
    return figure


def other_projections() -> Figure:
    """Return polar and three-dimensional axes."""
    figure = plt.figure()
    figure.add_subplot(1, 2, 1, projection="polar").plot([1, 2], [3, 4])
    axes = figure.add_subplot(1, 2, 2, projection="3d")
    axes.plot([1, 2], [3, 4], [5, 6])
    axes.scatter([1, 2], [3, 4], [5, 6])
    return figure


def without_axes() -> Figure:
    """Return a text without axes around it."""
    figure = plt.figure(figsize=(3, 2))
    plt.axis("off")
    plt.text(0.5, 0.5, "hello")
    return figure


QUICK = points_and_line, twins, dark
SLOW = (
    logarithmic, grid_of_axes, constrained, beside, far_outside, centred, other_projections,
    without_axes,
)  # fmt: skip
GALLERY = (*QUICK, *(pytest.param(make, marks=pytest.mark.slow) for make in SLOW))
