"""What is seen of a signature in its field: name and time, drawn by typst in the faces of the papers."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache

import typst

from documents import faces
from documents.render import require_glyphs, templates


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(root=str(templates()), font_paths=faces.fonts(), ignore_system_fonts=True)


def stamp(name: str, at: datetime, *, width: float, height: float, language: str) -> bytes:
    """Return a PDF with one page of this size in points; `document/no-glyph`."""
    data = {
        "name": name,
        "at": f"{at:%Y-%m-%d %H:%M}",
        "width": width,
        "height": height,
        "language": language[:2],
    }
    inputs = {
        "data": json.dumps(data, ensure_ascii=False, sort_keys=True),
        "faces": json.dumps(faces.families(), sort_keys=True),
    }
    require_glyphs(inputs["data"])
    # PDF/A-3b: a stamp has no tags of its own, it belongs to the field
    pdf = _compiler().compile(
        input=str(templates() / "stamp.typ"),
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=["a-3b"],
        timestamp=int(at.timestamp()),
        pdf_tags=False,
    )
    if not isinstance(pdf, bytes):
        raise TypeError("typst drew no stamp")
    return pdf
