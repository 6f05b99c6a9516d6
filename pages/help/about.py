"""What each place is for, in a few sentences: its own help, behind the question mark."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: place → what it is for
ABOUT: Mapping[str, str | Promise] = {
    "desk": _(
        "The desk lists what waits for you by date. The next meeting stands above it with what it still "
        "needs. A kind at the top shows its matters alone; what only informs you is folded at the end."
    ),
    "proposals": _(
        "All plans that you may see. The tabs are their states; a state in colour waits for you. A plan "
        "is found by number, title, borrower or contract, and the list as shown can be exported."
    ),
    "meetings": _(
        "All meetings that you may see, with their items and results. From two hours before its hour a "
        "meeting's page is the room itself."
    ),
    "screening": _(
        "Submitted plans, the oldest first. Each is shortlisted, returned for completion or screened out;"
        " the last two with a reason (Art. 14)."
    ),
    "credit": _(
        "Carried plans whose minutes are signed. Exactly what was resolved is approved, or it is declined"
        " with a reason (Art. 22)."
    ),
    "dockets": _(
        "The dockets filed with head office. Shortlisted plans are put on the next one here (Art. 14)."
    ),
    "ledger": _(
        "The loans of the institutions that you may see, as the latest tape has them, with whoever answers "
        "for each; the tapes, warnings, rankings and targets. Figures come from tapes alone."
    ),
    "board": _(
        "The plans by stage, the oldest of each first. The bar below a stage says how long its plans have"
        " been there."
    ),
    "figures": _(
        "What the committees did in a period, by branch. Each number leads to the plans that it counts."
    ),
    "exceptions": _(
        "What the regulation allows as an exception, or did not go as it should, by period and kind. A "
        "sample drawn with a seed can be drawn again."
    ),
    "streams": _(
        "The audit log: a stream for each meeting and each plan, entry by entry. Verifying derives every "
        "entry anew and names the first that does not agree."
    ),
    "dossiers": _(
        "A decision judged article by article from the records and the log, with its proofs. A dossier "
        "can be prepared as a sealed paper."
    ),
    "regulation": _(
        "The articles in force with their interpretations, the numbers of each version and who holds the "
        "seats."
    ),
    "roster": _("The seats with their holders. A meeting opens only when all of them are filled (Art. 20)."),
    "messages": _(
        "What others did that needs or concerns you. A message that asks for an act is done when the act "
        "is done, by whomever. How and when you are told is among your settings of notices."
    ),
    "search": _(
        "Finds plans, borrowers, contracts and meetings by number, name or words, among what you may see."
    ),
    "profile": _("Your language, appearance, address and password, and your last sign-ins."),
    "sign-ins": _("The attempts to sign in, with their outcome, address and device."),
}
#: key → what it does
KEYS: tuple[tuple[str, str | Promise], ...] = (
    ("Ctrl K", _("go to a place, a plan, a meeting or an act")),
    ("/", _("search")),
    ("j", _("the next row of the list")),
    ("k", _("the row before")),
    ("Enter", _("open the row")),
    ("e", _("of a message: mark as read; of another row: go to its acts")),
    ("?", _("this help")),
    ("Esc", _("close what lies above the page")),
)
