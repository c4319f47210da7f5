#!/usr/bin/env python3
"""picture.py [COLUMNS] < terminal.ansi > picture.svg: draws what a program printed, with its bold, dim and underlined parts.

    script -qc "stty cols 92; tryall demo" /dev/null | python3 scripts/picture.py 92 > docs/demo.svg
"""
import html, re, sys, unicodedata

COLUMNS = int(sys.argv[1]) if len(sys.argv) > 1 else 80
WIDTH, HEIGHT, PAD = 8.43, 19, 18
NBSP = "\u00a0"  # spaces would be folded
COLOURS = {30: "#484f58", 31: "#ff7b72", 32: "#7ee787", 33: "#e3b341", 34: "#79c0ff", 35: "#d2a8ff", 36: "#76e3ea", 37: "#e6edf3"}

text = sys.stdin.buffer.read().decode("utf-8", "replace").replace("\r\n", "\n")
lines = [line.rsplit("\r", 1)[-1] for line in text.rstrip("\n").split("\n")]  # a status line is drawn over
style, rows = set(), []
for n, line in enumerate(lines):
    column, parts = 0, []
    for piece in re.split(r"(\x1b\[[0-9;?]*[A-Za-z])", line):
        if code := re.fullmatch(r"\x1b\[([0-9;]*)m", piece):
            for c in (int(c or 0) for c in code[1].split(";")):
                style = set() if c == 0 else style | {c}
            continue
        if piece.startswith("\x1b[") or not piece:
            continue
        look = f' fill="{next((COLOURS[c] for c in style if c in COLOURS), "#8b949e" if 2 in style else "#e6edf3")}"'
        look += ' font-weight="700"' if 1 in style else ""
        look += ' text-decoration="underline"' if 4 in style else ""
        cells = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in piece)
        parts.append(f'<tspan x="{PAD + column * WIDTH:.1f}" textLength="{cells * WIDTH:.1f}"{look}>{html.escape(piece).replace(" ", NBSP)}</tspan>')
        column += cells
    if parts:
        rows.append(f'<text y="{PAD + 14 + n * HEIGHT}">{"".join(parts)}</text>')
w, h = 2 * PAD + COLUMNS * WIDTH, 2 * PAD + len(lines) * HEIGHT
print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{w:.0f}" height="{h:.0f}" viewBox="0 0 {w:.0f} {h:.0f}"'
      ' font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="14">'
      f'<rect width="100%" height="100%" rx="8" fill="#0d1117"/>{"".join(rows)}</svg>')
