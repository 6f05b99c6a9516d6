"""The pages app."""

from django.apps import AppConfig

from voting.live import shared

#: modules with acts, in the order in which their buttons stand
ACTS = (
    "pages.plans.screening",
    "pages.meetings.acts",
    "pages.room.acts",
    "pages.meetings.minutes.acts",
    "pages.meetings.dispatches.acts",
    "pages.plans.acts",
    "pages.plans.comments.acts",
    "pages.plans.credit",
    "pages.meetings.member_acts",
    "pages.plans.execution",
    "pages.plans.follow_ups.acts",
    "pages.committee.acts",
    "pages.portfolio.tapes.acts",
    "pages.portfolio.warnings.acts",
    "pages.portfolio.supervision.acts",
)
#: lists that can be had as files
LISTS = (
    "pages.plans.listing.Proposals",
    "pages.meetings.listing.Meetings",
    "pages.oversight.sign_ins.listing.SignIns",
    "pages.oversight.log.listing.Entries",
    "pages.oversight.dossiers.listing.Dossiers",
    "pages.portfolio.loans.listing.Loans",
    "pages.portfolio.tapes.listing.Tapes",
    "pages.portfolio.warnings.listing.Warnings",
)


class PagesConfig(AppConfig):
    """The pages."""

    name = "pages"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the acts and lists of all folders, and the room's parts that sockets bring.

        The announcement of open votes on every page registers itself.
        """
        from pages.room import open_votes, push  # noqa: F401  models are there only now
        from web import offers  # as above
        from web.lists import listing  # as above

        offers.register(*ACTS)
        listing.register(*LISTS)
        shared.made_by(push.shared)
