"""Faults between a client and the wire: answers in place of AWS, and answers of AWS that are lost."""

from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSResponse


@dataclass(slots=True)
class Faults:
    """Stands between a client and the wire: `before` answers in place of AWS, `after` spoils an answer of AWS."""

    client: Any
    service: str
    operation: str
    before: list[dict[str, Any]] = field(default_factory=list)
    after: list[type[Exception]] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)

    def __enter__(self) -> "Faults":
        self.client.meta.events.register(f"before-call.{self.service}.{self.operation}", self._before)
        self.client.meta.events.register(f"after-call.{self.service}.{self.operation}", self._after)
        return self

    def __exit__(self, *_: object) -> None:
        self.client.meta.events.unregister(f"before-call.{self.service}.{self.operation}", self._before)
        self.client.meta.events.unregister(f"after-call.{self.service}.{self.operation}", self._after)

    def _before(self, params: Any, **_: Any) -> Any:
        self.asked.append(params["body"])
        if self.before:
            problem = self.before.pop(0)
            return AWSResponse("", problem.pop("status", 400), {}, None), problem
        return None

    def _after(self, **_: Any) -> None:
        if self.after:
            raise self.after.pop(0)(endpoint_url="here", error="lost")


def refusal(code: str, reasons: tuple[str, ...] = (), status: int = 400) -> dict[str, Any]:
    """An answer that refuses, as botocore reads it."""
    error = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    cancelled = [{"Code": one} for one in reasons]
    return {**error, "status": status, **({"CancellationReasons": cancelled} if reasons else {})}


CONFLICT = refusal("TransactionCanceledException", ("TransactionConflict", "None"))
THROTTLED = [
    refusal("ThrottlingException"),
    refusal("ProvisionedThroughputExceededException"),
    refusal("RequestLimitExceeded"),
    refusal("TransactionCanceledException", ("None", "ThrottlingError")),
    refusal("TransactionInProgressException"),
]
BROKEN = [refusal("InternalServerError", status=500), refusal("ServiceUnavailable", status=503)]
