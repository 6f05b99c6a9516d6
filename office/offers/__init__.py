"""What a person is offered to do on a page: the button, its form and its action; a module a subject."""

from office.offers.offer import Offer, Offered, begin, live, of, offer_for

__all__ = ["Offer", "Offered", "begin", "live", "of", "offer_for"]
