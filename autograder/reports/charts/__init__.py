"""Small charts as SVG text: drawn in less than a millisecond, readable by everybody."""
