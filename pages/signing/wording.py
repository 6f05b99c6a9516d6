"""What is said of a file and of each of its signatures."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from documents.verify import Fault, Outcome

#: outcome → the word, its tone, and the sentence
OUTCOMES: Mapping[Outcome, tuple[str | Promise, str, str | Promise]] = {
    Outcome.VALID: (
        _("Valid"),
        "good",
        _("Every signature is valid, and this is the file on record, byte for byte."),
    ),
    Outcome.SIGNED: (
        _("Signed, not the file on record"),
        "waiting",
        _("Every signature is valid, but no such file is on record here: ask the committee's office."),
    ),
    Outcome.INVALID: (
        _("Invalid"),
        "stopped",
        _("Do not rely on this file: it was changed, or its signatures are not valid."),
    ),
}

FAULTS: Mapping[Fault, str | Promise] = {
    Fault.UNREADABLE: _("It is no PDF, or it is damaged or cut."),
    Fault.COSTLY: _("Looking at it takes more time or memory than any signed paper does."),
    Fault.UNSIGNED: _("It has no signature."),
    Fault.TOO_MANY: _("It has more signatures than are looked at."),
    Fault.CHANGED: _("What was signed was changed afterwards."),
    Fault.ADDED: _("Something was added afterwards that the signature forbids."),
    Fault.FORGED: _("The signature was not made with the key of its certificate."),
    Fault.FOREIGN: _("The certificate is not of an authority that the bank trusts."),
    Fault.REVOKED: _("The certificate had been revoked."),
    Fault.EXPIRED: _("The certificate was not valid then."),
    Fault.UNCHECKED: _("Nobody says whether the certificate had been revoked."),
    Fault.USAGE: _("The certificate is not meant for signatures."),
    Fault.NO_TIMESTAMP: _("No time stamp that is believed says when it was signed."),
    Fault.OPEN: _(
        "No time stamp covers the end of the file: signatures are missing, or something was added."
    ),
}
