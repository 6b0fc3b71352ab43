"""Spares matplotlib work that changes nothing that a figure is or shows.

Most figures of a notebook are never drawn: a later one takes their place. Half of the time that
such a figure takes goes into looking at tensors element by element, and a third of the rest into
ticks that nobody sees.
"""

import contextlib
from collections.abc import Callable, Iterator
from copy import copy, deepcopy
from typing import Any

import matplotlib
from matplotlib import axis, units
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.cbook import CallbackRegistry
from matplotlib.lines import Line2D
from matplotlib.spines import Spine
from matplotlib.text import Text

VERSIONS = {(3, 8), (3, 9), (3, 10), (3, 11)}  # whose figures stay the same, as tests have shown
TICKS = ("majorTicks", "minorTicks")
PARTS = ("tick1line", "tick2line", "gridline", "label1", "label2")  # of a tick
SWITCHES = {"gridOn", "tick1On", "tick2On", "label1On", "label2On"}  # what a tick shows
SETTINGS, CLIP = "_settings_of_ticks", "_clip_of_ticks"  # an axis keeps them for its first ticks

_settings: dict[Any, Any] = {}  # the last ones that an axis has kept


def spare_work() -> None:
    """Replace the methods of matplotlib that do such work, in versions known from inside."""
    if matplotlib.__version_info__[:2] in VERSIONS:
        _ask_no_tensor_for_units(units)
        _make_ticks_when_asked(axis, Axis, Spine)
        _make_equal_ticks_once(Axis)


def _ask_no_tensor_for_units(units: Any) -> None:
    """Know without looking at its elements that a tensor has no units."""
    is_number = units._is_natively_supported

    def is_natively_supported(values: Any) -> Any:
        """Tell whether values are numbers; the elements of a tensor are tensors."""
        kind = type(values)
        if kind.__name__ == "Tensor" and kind.__module__ == "torch":
            return False
        return is_number(values)

    units._is_natively_supported = is_natively_supported


def _make_ticks_when_asked(module: Any, axes: Any, spines: Any) -> None:
    """Make the first ticks of an axis when something asks for them, and as they would have been.

    matplotlib would do so too, but an axis asks for them while it is made: to clip them, and to
    set what they show. Besides, they make sure that the spines are in their places.
    """
    lists = module._LazyTickList
    make, reset, clip = lists.__get__, axes.reset_ticks, axes.set_clip_path
    set_params, adjust = axes.set_tick_params, spines._adjust_location

    def made(self: Any, instance: Any, owner: Any) -> Any:
        """Return the ticks, made with the settings that there were when the axis was reset."""
        if instance is None or not _is_plain(instance.axes):
            return make(self, instance, owner)
        with _settings_of(instance):
            ticks = make(self, instance, owner)
        if kept := vars(instance).get(CLIP):
            for tick in ticks:
                tick.clipbox, tick._clippath = tick.gridline.clipbox, tick.gridline._clippath = kept
        return ticks

    def reset_ticks(self: Any) -> None:
        """Go back to one tick, with the present settings."""
        reset(self)
        if _is_plain(self.axes):
            vars(self)[SETTINGS] = _present_settings()

    def set_clip_path(self: Any, path: Any, transform: Any = None) -> None:
        """Clip the axis and the ticks that it has."""
        if not _is_plain(self.axes):
            clip(self, path, transform)
            return
        Artist.set_clip_path(self, path, transform)
        vars(self)[CLIP] = self.clipbox, self._clippath
        for name in TICKS:
            for tick in vars(self).get(name, ()):
                tick.set_clip_path(path, transform)
        self.stale = True

    def set_tick_params(self: Any, which: Any = "major", reset: Any = False, **kwargs: Any) -> None:
        """Set what ticks look like; what is only switched on or off needs no tick."""
        missing = [name for name in TICKS if name not in vars(self)]
        only_switched = self._translate_tick_params(kwargs).keys() <= SWITCHES
        if reset or not only_switched or not _is_plain(self.axes):
            missing.clear()
        vars(self).update((name, []) for name in missing)
        try:
            set_params(self, which, reset, **kwargs)
        finally:
            for name in missing:
                del vars(self)[name]

    def adjust_location(self: Any) -> None:
        """Put a spine into its place."""
        if self._position is None and self.axis is not None and _is_plain(self.axes):
            with _settings_of(self.axis):
                self._ensure_position_is_set()
        adjust(self)

    lists.__get__, axes.reset_ticks, axes.set_clip_path = made, reset_ticks, set_clip_path
    axes.set_tick_params, spines._adjust_location = set_tick_params, adjust_location


def _make_equal_ticks_once(axes: Any) -> None:
    """Copy one new tick of an axis for all others: they are all alike, and like the first."""
    get_major, get_minor = axes.get_major_ticks, axes.get_minor_ticks

    def add_ticks(axis: Any, ticks: list[Any], wanted: int, *, major: bool) -> None:
        if wanted - len(ticks) > 1 and _is_plain(axis.axes):
            tick = axis._get_tick(major=major)
            axis._copy_tick_props(ticks[0], tick)
            ticks.append(tick)
            ticks.extend(_copied_tick(tick) for _ in range(wanted - len(ticks)))

    def get_major_ticks(self: Any, numticks: Any = None) -> Any:
        """Return the major ticks, as many as there are locations or as are wanted."""
        wanted = len(self.get_majorticklocs()) if numticks is None else numticks
        add_ticks(self, self.majorTicks, wanted, major=True)
        return get_major(self, wanted)

    def get_minor_ticks(self: Any, numticks: Any = None) -> Any:
        """Return the minor ticks, as many as there are locations or as are wanted."""
        wanted = len(self.get_minorticklocs()) if numticks is None else numticks
        add_ticks(self, self.minorTicks, wanted, major=False)
        return get_minor(self, wanted)

    axes.get_major_ticks, axes.get_minor_ticks = get_major_ticks, get_minor_ticks


def _copied_tick(tick: Any) -> Any:
    """Return a new tick like another one, which is new, too."""
    new = _copied(tick)
    for name in PARTS:
        setattr(new, name, _copied(getattr(tick, name)))
    return new


def _copied(artist: Any) -> Any:
    """Return a new artist like another one, with everything of its own that can be changed."""
    new = object.__new__(type(artist))
    vars(new).update(vars(artist))
    new._callbacks = CallbackRegistry(signals=["pchanged"])
    new._sticky_edges = deepcopy(artist._sticky_edges)
    if isinstance(artist, Text):
        new._fontproperties = artist.get_fontproperties().copy()
    elif isinstance(artist, Line2D):
        vars(new)["_marker"] = copy(vars(artist)["_marker"])
    return new


def _is_plain(axes: Any) -> bool:
    """Tell whether axes are matplotlib's own with an x axis and a y axis, not polar, say."""
    return type(axes).__module__.startswith("matplotlib.axes.")


def _present_settings() -> dict[Any, Any]:
    """Return a copy of the settings, the same one as long as they stay the same."""
    global _settings
    present: Any = matplotlib.rcParams
    if dict.__ne__(_settings, present):
        _settings = dict.copy(present)
    return _settings


@contextlib.contextmanager
def _settings_of(axis: Any) -> Iterator[None]:
    """Return for a while to the settings that there were when an axis was reset."""
    settings = vars(axis).get(SETTINGS)
    if settings is None or dict.__eq__(settings, matplotlib.rcParams):
        yield
        return
    with matplotlib.rc_context():
        dict.update(matplotlib.rcParams, settings)
        yield


@contextlib.contextmanager
def remembered_ticks() -> Iterator[None]:
    """Compute the ticks of an axis once while a figure is drawn, not ten times."""
    kind: Any = Axis
    update, find_boxes = kind._update_ticks, kind._get_ticklabel_bboxes
    known: dict[Any, tuple[Any, Any]] = {}

    def remembered(compute: Callable[..., Any], axis: Any, *arguments: Any) -> Any:
        if not _is_plain(axis.axes):
            return compute(axis, *arguments)
        key = axis, compute
        if key not in known or known[key][0] != _what_places(axis):
            found = compute(axis, *arguments)
            known[key] = _what_places(axis), found
        return known[key][1]

    def update_ticks(self: Any) -> Any:
        return remembered(update, self)

    def get_ticklabel_bboxes(self: Any, *arguments: Any) -> Any:
        return remembered(find_boxes, self, *arguments)

    kind._update_ticks, kind._get_ticklabel_bboxes = update_ticks, get_ticklabel_bboxes
    try:
        yield
    finally:
        kind._update_ticks, kind._get_ticklabel_bboxes = update, find_boxes


def _what_places(axis: Any) -> tuple[float, ...]:
    """Return what decides which ticks an axis has and where they are."""
    return (*axis.get_view_interval(), *axis.axes.bbox.extents, axis.axes.get_figure().dpi)
