"""Mail through SES (version 2 of its API), with a configuration set that reports bounces and complaints.

At least once: a letter whose answer was lost is sent again by the sweep. SES puts a Message-ID of its own in place of
ours, so the letter's id goes along as a tag, and comes back in every report (`infra.ses_feedback`).
"""

from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from functools import cached_property
from typing import Any

from infra.aws_clients import client
from infra.mime import compose
from workflows.ports import Letter, MailRefused, MailUnavailable

_FINAL = {"MessageRejected", "BadRequestException"}
"""What concerns the letter. A suspended account, an unverified domain, a missing set, a limit: those concern us."""


class SesMailer:
    """One request per letter: one that is refused never drags the next along."""

    once_by_id = False

    def __init__(self, sender: str, configuration_set: str = "") -> None:
        self.sender = sender
        self.configuration_set = configuration_set

    @cached_property
    def ses(self) -> Any:
        """The client; it repeats nothing by itself, because a repeated letter is a second letter."""
        return client("sesv2", attempts=1)

    def send(self, letter: Letter, at: datetime) -> None:
        """Hand one letter over. Raises `MailRefused` (final) or `MailUnavailable` (try again)."""
        from botocore.exceptions import BotoCoreError, ClientError

        if not letter.to_email.isascii():
            raise MailRefused("address not ASCII")
        request = {
            "FromEmailAddress": self.sender,
            "Destination": {"ToAddresses": [letter.to_email]},
            "Content": {"Raw": {"Data": compose(letter, at, self.sender).as_bytes()}},
            "EmailTags": [{"Name": "letter", "Value": letter.id}],
        }
        if self.configuration_set:
            request["ConfigurationSetName"] = self.configuration_set
        try:
            self.ses.send_email(**request)
        except ClientError as error:
            problem = error.response.get("Error", {})
            final = problem.get("Code") in _FINAL and "not verified" not in problem.get("Message", "")
            raise (MailRefused if final else MailUnavailable)(f"SES {problem.get('Code', '')}") from error
        except BotoCoreError as error:
            raise MailUnavailable(type(error).__name__) from error

    def batch(self) -> AbstractContextManager[None]:
        """SES keeps each letter as it takes it."""
        return nullcontext()
