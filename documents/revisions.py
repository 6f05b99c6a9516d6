"""What came after a signature: each revision compared with the one before it, once for all signatures.

pyHanko compares the revision of each signature with every later one, so that the work grows with the square
of their number. Allowed steps add up to an allowed change, and a step that is not allowed is found for every
signature before it.
"""

from __future__ import annotations

from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.diff_analysis import (
    DEFAULT_DIFF_POLICY,
    DiffPolicy,
    DiffResult,
    ModificationLevel,
    SuspiciousModification,
)
from pyhanko.sign.fields import FieldMDPSpec, MDPPerm


class StepByStep(DiffPolicy):
    """pyHanko's rules, applied to each step of one file; a policy is for one file alone."""

    def __init__(self) -> None:
        self._steps: dict[tuple[int, MDPPerm | None], DiffResult | SuspiciousModification] = {}

    def apply(
        self,
        old: HistoricalResolver,
        new: HistoricalResolver,
        field_mdp_spec: FieldMDPSpec | None = None,
        doc_mdp: MDPPerm | None = None,
    ) -> DiffResult:
        """Compare two revisions by pyHanko's own rules."""
        return DEFAULT_DIFF_POLICY.apply(old, new, field_mdp_spec, doc_mdp)

    def review_file(
        self,
        reader: PdfFileReader,
        base_revision: int | HistoricalResolver,
        field_mdp_spec: FieldMDPSpec | None = None,
        doc_mdp: MDPPerm | None = None,
    ) -> DiffResult | SuspiciousModification:
        """What was changed after a revision, or the change that is not allowed."""
        base = base_revision if isinstance(base_revision, int) else base_revision.revision
        level, fields = ModificationLevel.NONE, set[str]()
        for revision in range(base, reader.xrefs.total_revisions - 1):
            step = self._step(reader, revision, field_mdp_spec, doc_mdp)
            if isinstance(step, SuspiciousModification):
                return step
            level = max(level, step.modification_level)
            fields |= step.changed_form_fields
        return DiffResult(level, fields)

    def _step(
        self, reader: PdfFileReader, revision: int, field_mdp: FieldMDPSpec | None, doc_mdp: MDPPerm | None
    ) -> DiffResult | SuspiciousModification:
        key = (revision, doc_mdp)
        found = self._steps.get(key) if field_mdp is None else None
        if found is None:
            old, new = (reader.get_historical_resolver(each) for each in (revision, revision + 1))
            try:
                found = self.apply(old, new, field_mdp, doc_mdp)
            except SuspiciousModification as refused:
                found = refused
            if field_mdp is None:  # a signature that locks fields of its own is judged by itself
                self._steps[key] = found
        return found
