"""Mail through SES: what goes along with a letter, what is final and what is for later, and what SES tells of it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from infra.ses_feedback import Feedback, is_feedback, read_feedback
from infra.ses_mail import SesMailer
from workflows.ports import Letter, MailRefused, MailUnavailable

AT = datetime(2026, 1, 5, 1, 2, 3, tzinfo=UTC)
SENDER = "zhibao@zhibao.example"
LETTER = Letter("0123abcd" * 4, "甲公司", "e1@units.example", "【直报】请填报", "请填报。\n", "")


class Answering:
    """A client of SES that answers every letter with one fault, or takes it."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.requests: list[dict[str, Any]] = []

    def send_email(self, **request: Any) -> dict[str, str]:
        self.requests.append(request)
        if self.fault:
            raise self.fault
        return {"MessageId": "m"}


def mailer(client: Answering, configuration_set: str = "") -> SesMailer:
    found = SesMailer(SENDER, configuration_set)
    found.__dict__["ses"] = client
    return found


def refusal(code: str, message: str = "") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "SendEmail")


def test_a_letter_goes_with_its_id_and_through_the_set_that_reports_on_it() -> None:
    client = Answering()
    mailer(client, "zhibao-production").send(LETTER, AT)
    (request,) = client.requests
    assert request["ConfigurationSetName"] == "zhibao-production"
    assert request["EmailTags"] == [{"Name": "letter", "Value": LETTER.id}]
    assert request["Destination"] == {"ToAddresses": [LETTER.to_email]}
    assert request["FromEmailAddress"] == SENDER


def test_without_a_configuration_set_none_is_named() -> None:
    client = Answering()
    mailer(client).send(LETTER, AT)
    assert "ConfigurationSetName" not in client.requests[0]


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (refusal("MessageRejected", "Message contains a virus"), MailRefused),
        (refusal("BadRequestException", "Illegal address"), MailRefused),
        (refusal("MessageRejected", "Email address is not verified. ..."), MailUnavailable),
        (refusal("MailFromDomainNotVerifiedException"), MailUnavailable),
        (refusal("AccountSuspendedException"), MailUnavailable),
        (refusal("SendingPausedException"), MailUnavailable),
        (refusal("LimitExceededException"), MailUnavailable),
        (refusal("TooManyRequestsException"), MailUnavailable),
        (refusal("NotFoundException", "configuration set does not exist"), MailUnavailable),
        (refusal("AccessDeniedException"), MailUnavailable),
        (refusal("ServiceUnavailable"), MailUnavailable),
        (ReadTimeoutError(endpoint_url="x"), MailUnavailable),
        (EndpointConnectionError(endpoint_url="x"), MailUnavailable),
        (NoCredentialsError(), MailUnavailable),
    ],
    ids=str,
)
def test_what_concerns_the_letter_is_final_and_all_else_is_for_later(
    fault: Exception, outcome: type[Exception]
) -> None:
    client = Answering(fault)
    with pytest.raises(outcome):
        mailer(client).send(LETTER, AT)
    assert len(client.requests) == 1, "a repetition is the sweep's to decide"


def test_an_error_names_no_address() -> None:
    with pytest.raises(MailRefused) as caught:
        mailer(Answering(refusal("BadRequestException", f"<{LETTER.to_email}>"))).send(LETTER, AT)
    assert str(caught.value) == "SES BadRequestException"


def test_an_address_ses_cannot_write_to_is_refused() -> None:
    with pytest.raises(MailRefused):
        mailer(Answering()).send(Letter("a" * 32, "", "统计@units.example", "s", "t\n"), AT)


# What SES tells afterwards


def report(name: str, **more: Any) -> dict[str, Any]:
    mail = {
        "timestamp": "2026-01-05T01:02:03.000Z",
        "destination": [LETTER.to_email],
        "tags": {"ses:configuration-set": ["zhibao"], "letter": [LETTER.id]},
    }
    return {"eventType": name, "mail": mail, name.lower(): more}


BOUNCE = report(
    "Bounce",
    bounceType="Permanent",
    bounceSubType="General",
    bouncedRecipients=[{"emailAddress": LETTER.to_email, "diagnosticCode": "smtp; 550 5.1.1 unknown"}],
    timestamp="2026-01-05T01:03:00.000Z",
)


def through_sns(*reports: dict[str, Any]) -> dict[str, Any]:
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": json.dumps(one)}} for one in reports]}


def through_eventbridge(found: dict[str, Any]) -> dict[str, Any]:
    return {"source": "aws.ses", "detail-type": "Email Bounced", "detail": found}


@pytest.mark.parametrize("event", [through_sns(BOUNCE), through_eventbridge(BOUNCE)], ids=["SNS", "EventBridge"])
def test_a_bounce_names_its_letter_and_nobody(event: dict[str, Any]) -> None:
    assert is_feedback(event)
    (found,) = read_feedback(event)
    at = datetime(2026, 1, 5, 1, 3, tzinfo=UTC)
    assert found == Feedback(LETTER.id, "bounce", "bounced: Permanent General", at)
    assert found.is_final
    assert LETTER.to_email not in repr(found)


def test_a_full_mailbox_is_not_the_end_and_a_complaint_is() -> None:
    full = report("Bounce", bounceType="Transient", bounceSubType="MailboxFull")
    cross = report("Complaint", complaintFeedbackType="abuse")
    virus = report("Reject", reason="Bad content")
    found = read_feedback(through_sns(full, cross, virus))
    assert [(one.outcome, one.is_final) for one in found] == [
        ("bounced: Transient MailboxFull", False),
        ("complaint: abuse", True),
        ("rejected: Bad content", True),
    ]


def test_a_delivery_and_somebody_elses_letter_are_nothing_to_us() -> None:
    foreign = {**BOUNCE, "mail": {**BOUNCE["mail"], "tags": {}}}
    assert read_feedback(through_sns(report("Delivery"), report("Send"), foreign)) == []


@pytest.mark.parametrize("message", ['"text"', "{}", "[]", "no json"])
def test_a_notification_that_is_no_report_is_an_error(message: str) -> None:
    with pytest.raises(ValueError, match=r"no report|Expecting"):
        read_feedback({"Records": [{"EventSource": "aws:sns", "Sns": {"Message": message}}]})


@pytest.mark.parametrize("event", [{}, {"Records": []}, {"Records": None}, {"Records": [{"eventSource": "aws:sqs"}]}])
def test_what_is_no_report_is_not_taken_for_one(event: dict[str, Any]) -> None:
    assert not is_feedback(event)
