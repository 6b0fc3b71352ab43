"""The sizes, colours and style sheet of pictures."""

from typing import Literal

Style = Literal["cloud", "main", "beside", "before", "mark"]
Legend = tuple[tuple[Style, str], ...]

WIDTH, HEIGHT = 480, 330
LEFT, TOP, RIGHT, BOTTOM = 58, 32, 466, 282  # the plot, inside axis labels and legend

INK = ("#1f2328", "#e6e6e6")  # light and dark, as below
# Okabe and Ito's colours, which colour-blind people can tell apart.
TINTS = {
    "paper": ("#ffffff", "#16191d"),
    "text": INK,
    "frame": ("#8c959f", "#6e7681"),
    "grid": ("#e7eaee", "#2a2f36"),
    "cloud": ("#6e7781", "#9aa4af"),
    "main": ("#d55e00", "#e69f00"),
    "beside": ("#0072b2", "#56b4e9"),
    "band": (".3", ".5"),  # opacity of the broad line below the dashed one
    "before": ("#007a5a", "#2fc99e"),
    "mark": INK,
    "level": ("#8c959f", "#59626d"),
}
SHAPE = """\
.ag-picture{font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
.ag-picture path,.ag-picture ellipse{fill:none;stroke-linejoin:round;stroke-linecap:round}
.ag-picture .ag-paper{stroke:none}
.ag-picture .ag-text{stroke:none}
.ag-picture .ag-small{font-size:11.5px;paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
.ag-picture .ag-cloud{stroke-width:2.6px;stroke-opacity:.55}
.ag-picture .ag-main{stroke-width:2.4px}
.ag-picture .ag-main.ag-dots{stroke-width:6px}
.ag-picture .ag-beside{stroke-width:1.6px;stroke-dasharray:7 5;stroke-linecap:butt}
.ag-picture .ag-beside.ag-band{stroke-width:9px;stroke-dasharray:none;\
stroke-linecap:round}
.ag-picture .ag-before{stroke-width:2.6px;stroke-dasharray:.1 6}
.ag-picture .ag-mark{stroke-width:2.2px}
.ag-picture .ag-level{fill:#8c959f;fill-opacity:.07;stroke-opacity:.8}
"""
TINT = """\
.ag-picture .ag-paper{{fill:{paper}}}
.ag-picture .ag-text{{fill:{text}}}
.ag-picture .ag-small{{stroke:{paper}}}
.ag-picture .ag-frame{{stroke:{frame}}}
.ag-picture .ag-grid{{stroke:{grid}}}
.ag-picture .ag-cloud{{stroke:{cloud}}}
.ag-picture .ag-main{{stroke:{main}}}
.ag-picture .ag-beside{{stroke:{beside}}}
.ag-picture .ag-band{{stroke-opacity:{band}}}
.ag-picture .ag-before{{stroke:{before}}}
.ag-picture .ag-mark{{stroke:{mark}}}
.ag-picture .ag-level{{stroke:{level}}}
"""


def _tint(dark: bool) -> str:
    return TINT.format_map({name: pair[dark] for name, pair in TINTS.items()})


# Dark is for screens only: paper is white.
CSS = f"{SHAPE}{_tint(False)}@media screen and (prefers-color-scheme:dark){{\n{_tint(True)}}}\n"
