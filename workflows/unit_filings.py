"""What one unit files in a year."""

from workflows.services import Services
from workflows.submissions import Submission, submission_id


def filed_by(services: Services, year: int, unit_id: str) -> tuple[Submission, ...]:
    """The unit's submissions of a year, one for each form it was expected to fill, by form."""
    home = services.store.home_key()
    forms = sorted(collection.form for collection in services.store.collections(year))
    found = (services.store.submission(submission_id(home, year, form, unit_id)) for form in forms)
    return tuple(submission for submission in found if submission is not None)
