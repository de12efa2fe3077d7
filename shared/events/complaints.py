"""A complaint on its way: as the app posts it, as intake accepted it, as the router decided it."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from shared.events.departments import DEPARTMENTS
from shared.events.envelope import ClaimedMoment, Event, Message, Moment
from shared.events.hygiene import CleanStr


def _absent_is_empty(value: object) -> object:
    return [] if value is None else value


def _absent_is_false(value: object) -> object:
    return False if value is None else value


Probability = Annotated[float, Field(ge=0, le=1)]
Decision = Literal["auto", "review", "emergency"]
ComplaintClass = Literal["complaint", "information", "aspiration"]
Urgency = Literal["emergency", "high", "normal"]


TicketNumber = Annotated[CleanStr, Field(min_length=1, max_length=40)]


def _is_known(code: str) -> str:
    if code not in DEPARTMENTS:
        raise ValueError("there is no such department")
    return code


Department = Annotated[CleanStr, AfterValidator(_is_known)]
"""One of the 22 codes."""


class Location(Message):
    """Where it is: WGS 84 degrees, an address in words, the kecamatan and kelurahan; any part may be absent."""

    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    address: CleanStr | None = None
    kecamatan: CleanStr | None = None
    kelurahan: CleanStr | None = None


class Reporter(Message):
    """Who reports: personal data, found on `submitted` and nowhere else."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    name: CleanStr | None = None
    nik: CleanStr | None = None
    phone: CleanStr | None = None
    email: CleanStr | None = None


class Attachment(Message):
    """A photo by reference: its address and hash; the bytes stay where the app put them."""

    url: CleanStr
    media_type: CleanStr | None = None
    sha256: CleanStr | None = None


class ComplaintSubmitted(Message):
    """What the app posts. Text limits are intake's to judge: here it only has to be text."""

    complaint_id: UUID
    submitted_at: ClaimedMoment
    channel: Annotated[CleanStr, Field(min_length=1, max_length=100)]
    text: CleanStr
    location: Location | None = None
    reporter: Reporter | None = None
    confidential: Annotated[bool, BeforeValidator(_absent_is_false)] = False
    attachments: Annotated[tuple[Attachment, ...], BeforeValidator(_absent_is_empty), Field(max_length=50)] = ()


class ComplaintRegistered(Event):
    """Accepted, numbered and masked; exactly one per complaint."""

    ticket_number: TicketNumber
    channel: CleanStr
    text_masked: CleanStr
    location: Location | None = None
    attachments: tuple[Attachment, ...] = ()
    confidential: bool
    reporter_ref: CleanStr | None = None
    submitted_at: Moment
    accepted_at: Moment


class Alternative(Message):
    """One department the model considered, with its calibrated probability."""

    department: CleanStr
    probability: Probability


class Term(Message):
    """A term of the text and the weight it had in the decision (log-odds; positive speaks for the department)."""

    term: CleanStr
    weight: float


class ComplaintRouted(Event):
    """The model's decision; exactly one per complaint, ever. Later decisions are ticket events.

    It repeats what the desk needs of the complaint, so that the desk never reads `registered`. A confidential
    complaint carries neither text nor location here.
    """

    decision: Decision
    department: Department
    office: CleanStr | None = None
    needs_location: bool = False
    """It is a kecamatan's or kelurahan's, and neither the place nor the text says whose."""
    supporting_departments: tuple[CleanStr, ...] = ()
    confidence: Probability
    alternatives: tuple[Alternative, ...]
    complaint_class: ComplaintClass = Field(alias="class")
    topic: CleanStr | None = None
    urgency: Urgency
    responsible_body: CleanStr | None = None
    why: tuple[Term, ...] = ()
    model_version: CleanStr
    ticket_number: TicketNumber
    channel: CleanStr
    text_masked: CleanStr | None = None
    location: Location | None = None
    attachments: tuple[Attachment, ...] = ()
    confidential: bool
    sensitive: bool = False
    """The model found what must not be read by many (violence in a family, bribery, ...): confidential, too."""
    submitted_at: Moment
    accepted_at: Moment
