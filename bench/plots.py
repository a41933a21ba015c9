"""Plots as SVG: groups of horizontal bars on a logarithmic scale."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, log10
from xml.etree import ElementTree as ET

LABELS, BARS, BAR, GAP, TOP = 240, 520, 11, 9, 70
COLOURS = ("#1b5e8c", "#b4480f", "#2f7d32", "#7b3fa0", "#5c5c5c")
"""Each has a contrast of at least 4.5 with white."""
Row = Mapping[str, float | None]


def bars(title: str, unit: str, rows: Mapping[str, Row]) -> str:
    """Return a plot with one group of bars for each row, one bar for each of its values."""
    series = list(dict.fromkeys(name for row in rows.values() for name in row))
    values = [value for row in rows.values() for value in row.values() if value]
    low, high = (
        floor(log10(min(values))),
        max(ceil(log10(max(values))), floor(log10(min(values))) + 1),
    )
    group = BAR * len(series) + GAP
    height = TOP + group * len(rows) + 30
    svg = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {LABELS + BARS + 90} {height}",
            "role": "img",
            "font-family": "sans-serif",
            "font-size": "12",
        },
    )
    ET.SubElement(svg, "title").text = f"{title} ({unit}, logarithmic)"
    _rectangle(svg, 0, 0, LABELS + BARS + 90, height, colour="#ffffff")
    _text(svg, 10, 20, f"{title} ({unit}, logarithmic)", weight="bold")
    _legend(svg, series)
    for power in range(low, high + 1):
        x = LABELS + BARS * (power - low) / (high - low)
        _rectangle(svg, x, TOP - 8, 1, group * len(rows) + 8, colour="#d0d0d0")
        _text(svg, x, height - 12, f"{10.0**power:g}", anchor="middle")
    for place, (label, row) in enumerate(rows.items()):
        y = TOP + place * group
        _text(svg, LABELS - 8, y + group / 2, label, anchor="end")
        for number, name in enumerate(series):
            value = row.get(name)
            if not value:
                continue
            width = max(BARS * (log10(value) - low) / (high - low), 1)
            _rectangle(svg, LABELS, y + number * BAR, width, BAR - 1, colour=COLOURS[number])
            _text(svg, LABELS + width + 4, y + number * BAR + BAR - 2, f"{value:.3g}", size="9")
    ET.indent(svg)
    return ET.tostring(svg, encoding="unicode") + "\n"


def _legend(svg: ET.Element, series: Sequence[str]) -> None:
    x = 10
    for colour, name in zip(COLOURS, series, strict=False):
        _rectangle(svg, x, 34, 12, 12, colour=colour)
        _text(svg, x + 17, 44, name)
        x += 40 + 7 * len(name)


def _rectangle(
    svg: ET.Element, x: float, y: float, width: float, height: float, *, colour: str
) -> None:
    places = {"x": x, "y": y, "width": width, "height": height}
    written = {key: f"{value:.1f}" for key, value in places.items()}
    ET.SubElement(svg, "rect", {**written, "fill": colour})


def _text(
    svg: ET.Element,
    x: float,
    y: float,
    content: str,
    *,
    anchor: str = "start",
    weight: str = "normal",
    size: str = "12",
) -> None:
    style = {"text-anchor": anchor, "font-weight": weight, "font-size": size, "fill": "#1a1a1a"}
    ET.SubElement(svg, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", **style}).text = content
