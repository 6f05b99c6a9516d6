"""The pictures of a plan's paper: the image files among its attachments, drawn as PNG (Art. 13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from audit import private
from documents.content import Block, Content, Note, Picture
from office.papers.wording import CHINESE
from proposals import drawing, filetypes, storage
from proposals.attachments import stated_attachments
from proposals.models import Attachment, PlanVersion

_IMAGES = {filetypes.HEIC.media_type, *(each.media_type for each in filetypes.PICTURES.values())}
#: pixels; over the width of the text some 160 to the inch
_WIDTH = drawing.WIDTHS[0]


def pictures_of(version: PlanVersion) -> list[tuple[str, str]]:
    """The image files that the version states and its institution gave in: the name for a paper, and theirs.

    Of an image with several pages, as TIFF has them, the first.
    """
    stated = [each for each in stated_attachments(version.document) if each.media_type in _IMAGES]
    wanted = {each.sha256 for each in stated}
    kept = Attachment.objects.filter(unit__proposals__versions=version, sha256__in=wanted)
    there = set(kept.values_list("sha256", flat=True)) if wanted else set()
    return [(f"{each.sha256}-1.png", each.name) for each in stated if each.sha256 in there]


def drawn(contents: Sequence[Content]) -> tuple[list[Content], Mapping[str, bytes]]:
    """The papers, and the bytes of their pictures by name; a line stands for one that cannot be drawn."""
    files: dict[str, bytes] = {}
    shown = []
    for content in contents:
        blocks = [_block(each, content, files) for each in content.blocks]
        shown.append(content.model_copy(update={"blocks": blocks}))
    return shown, files


def _block(block: Block, content: Content, files: dict[str, bytes]) -> Block:
    if not isinstance(block, Picture):
        return block
    try:
        if block.file not in files:
            files[block.file] = _png(block.file)
    except (drawing.Undrawable, OSError):
        if content.language == CHINESE:
            return Note(text=f"{block.alt}：无法显示，见附件原件。")
        return Note(text=f"{block.alt}: cannot be shown, see the attached file.")
    return block


def _png(file: str) -> bytes:
    sha256 = file.partition("-")[0]
    target = storage.drawn(sha256, 1, _WIDTH)
    if not target.exists():
        media_type = Attachment.objects.filter(sha256=sha256).values_list("media_type", flat=True).first()
        if media_type not in _IMAGES:
            raise drawing.Undrawable("damaged")
        private.folder(target.parent)
        drawing.draw(storage.place(sha256), filetypes.DRAWN[media_type], page=1, width=_WIDTH, target=target)
    return target.read_bytes()
