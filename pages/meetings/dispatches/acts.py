"""What is done with something sent: received and acknowledged by its addressee, sent again by the liaison."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from office.models import Dispatch
from regulation.refused import Refused
from web.offers import Offer
from web.viewer import Viewer


def _received(dispatch: Dispatch, _who: Viewer) -> bool:
    return hasattr(dispatch, "receipt")


def _acknowledged(dispatch: Dispatch, who: Viewer) -> bool:
    return _received(dispatch, who) and dispatch.receipt.acknowledged_at is not None


def _under_way(dispatch: Dispatch, _who: Viewer) -> Refused | None:
    return Refused("state/not-allowed", cause="dispatch/under-way") if dispatch.sent_at is None else None


def _not_received(dispatch: Dispatch, who: Viewer) -> Refused | None:
    return None if _received(dispatch, who) else Refused("state/not-allowed", cause="dispatch/not-received")


OFFERS = (
    Offer(
        "receive_dispatch", _("Confirm the receipt"),
        help_text=_("Your unit has received the package (Art. 12, 21)."),
        done=_("The receipt is recorded."),
        already_done=_received,
        already_done_cause="dispatch/received",
        blocked=_under_way,
        here="messages",
    ),
    Offer(
        "acknowledge_dispatch", _("Acknowledge what it says"),
        help_text=_("Your unit has read the package and taken note of it (Art. 12, 21)."),
        done=_("The acknowledgement is recorded."),
        already_done=_acknowledged,
        already_done_cause="dispatch/acknowledged",
        blocked=_not_received,
        here="messages",
    ),
    Offer(
        "send_again", _("Send again"),
        help_text=_(
            "What is under way is tried once more; of what was sent the addressees are told once more. The "
            "package stays the one that it is."
        ),
        done=_("It is on its way: tried within a minute, or the addressees are told once more."),
        secondary=True,
        already_done=_received,
        already_done_cause="dispatch/received",
        here="meetings",
    ),
)  # fmt: skip
