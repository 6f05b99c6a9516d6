"""The tables of the committee app, a module a subject."""

from committee.models.agenda import (
    AgendaItem,
    AgendaItemUserPermission,
    Conflict,
    Observer,
    Opinion,
    Reading,
    Resolution,
)
from committee.models.amendments import Amendment
from committee.models.floor import Answer, OpinionDraft, Question, Speech
from committee.models.liaison import LiaisonTerm
from committee.models.meetings import MEETINGS_BY_NUMBER, Attendance, Delivery, Meeting, Notice, NoticeItem
from committee.models.messages import Message
from committee.models.numbering import Series
from committee.models.organisation import Committee, Person, Position, Unit
from committee.models.proxies import Proxy
from committee.models.reminders import Reminder
from committee.models.seats import Interpretation, RegulationVersion, Seat, SeatTerm

__all__ = [
    "MEETINGS_BY_NUMBER",
    "AgendaItem",
    "AgendaItemUserPermission",
    "Amendment",
    "Answer",
    "Attendance",
    "Committee",
    "Conflict",
    "Delivery",
    "Interpretation",
    "LiaisonTerm",
    "Meeting",
    "Message",
    "Notice",
    "NoticeItem",
    "Observer",
    "Opinion",
    "OpinionDraft",
    "Person",
    "Position",
    "Proxy",
    "Question",
    "Reading",
    "RegulationVersion",
    "Reminder",
    "Resolution",
    "Seat",
    "SeatTerm",
    "Series",
    "Speech",
    "Unit",
]
