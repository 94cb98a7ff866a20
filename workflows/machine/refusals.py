"""How the review machine says no."""

from dataclasses import dataclass
from enum import StrEnum

from workflows.machine.states import Decision


class RefusalCode(StrEnum):
    """Why a command leads to nothing."""

    COLLECTION_CLOSED = "collection_closed"
    NOT_EDITABLE = "not_editable"
    NOT_IN_REVIEW = "not_in_review"
    NOT_ACCEPTED = "not_accepted"
    DISPOSED = "disposed"
    ALREADY_DECIDED = "already_decided"
    OVERTAKEN = "overtaken"
    NOT_YET = "not_yet"
    NOT_ON_ROUTE = "not_on_route"
    OWN_FILING = "own_filing"
    TWO_LEVELS = "two_levels"
    SAME_PERSON = "same_person"
    NOT_ON_SEAT = "not_on_seat"
    INCOMPLETE = "incomplete"
    DIRECTS_A_FIGURE = "directs_a_figure"
    FATAL_FINDINGS = "fatal_findings"
    UNEXPLAINED = "unexplained"
    FIRM_FINDINGS = "firm_findings"
    CHILDREN_MISSING = "children_missing"
    QUERY_OPEN = "query_open"
    QUERY_UNKNOWN = "query_unknown"
    TOO_MANY_QUERIES = "too_many_queries"
    UNDER_REVIEW = "under_review"
    CLAIMED = "claimed"
    NOT_YOURS = "not_yours"
    NEXT_ACTED = "next_acted"
    FILLER_ACTED = "filler_acted"
    IN_A_TABLE = "in_a_table"
    NOTHING_PROPOSED = "nothing_proposed"
    ALREADY_PROPOSED = "already_proposed"
    UNFIT_DISPOSITION = "unfit_disposition"
    SAME_ROUTE = "same_route"
    OTHER_PROVINCE = "other_province"
    EXPIRED = "expired"
    ALREADY_DONE = "already_done"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command that led to nothing, with the decision or the person that stands in its way where there is one."""

    code: RefusalCode
    decision: Decision | None = None
    person: str = ""
