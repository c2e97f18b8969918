"""The curves of a training run as one picture."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Blue and orange of Okabe and Ito's palette, which colour-blind readers tell apart.
_TRAIN, _DEV, _RATE = "#0072B2", "#E69F00", "#6e7781"


def plot_losses(report: Mapping[str, Any]) -> bytes:
    """Draw train loss, dev loss and learning rate over the steps: a PNG file.

    Args:
        report: Report of a run: `loss_curve` and `dev_curve`.

    """
    figure = Figure(figsize=(9, 4.5), dpi=100, layout="constrained")
    losses, rates = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    steps = [point["step"] for point in report["loss_curve"]]
    losses.plot(steps, [point["loss"] for point in report["loss_curve"]], color=_TRAIN, label="train")
    if dev := report["dev_curve"]:
        points = [point["step"] for point in dev], [point["loss"] for point in dev]
        losses.plot(*points, color=_DEV, marker="o", label="dev")
    losses.set_ylabel("loss per token")
    losses.set_ylim(bottom=0)
    losses.legend(frameon=False)
    rates.plot(steps, [point["learning_rate"] for point in report["loss_curve"]], color=_RATE)
    rates.set_ylabel("learning rate")
    rates.set_xlabel("optimiser step")
    for axes in (losses, rates):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", alpha=0.3)
    stream = BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()
