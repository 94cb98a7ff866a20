"""What stands beside an event on a page: the name of who did it, and the words he wrote with it.

Both may be gone: a person is erased when his term is over, and so are words (条例 22, 23); the event stays.
"""

from workflows.services import Services
from workflows.submissions import Submission


def name_of(services: Services, person_id: str) -> str:
    """The name a page shows for a person: from the staff list, else the address, else nothing once erased."""
    person = services.store.person(person_id)
    if person is None:
        return ""
    members = services.store.staff_by_email(person.email)
    return members[0].name if members else person.email


def words_of(services: Services, submission: Submission, event_number: int) -> str:
    """The words written with an event: a return's comment, a question, an answer; blank once they were erased."""
    payload = services.store.payload(submission.id, event_number)
    return payload.text if payload else ""
