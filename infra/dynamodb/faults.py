"""What went wrong with a call, as far as it says what to do next: ask again, ask whether it was done, or give up."""

from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """What is known of a call that failed."""

    REFUSED = "refused"
    """Its condition does not hold."""
    LATER = "later"
    """It was not done, and may be asked for again: throttled, or in another transaction's way."""
    LOST = "lost"
    """Nobody knows whether it was done: the answer did not come."""
    FINAL = "final"
    """It was not done and never will be."""


_LATER = {
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "LimitExceededException",
    "TransactionConflictException",
    "TransactionInProgressException",
    "ReplicatedWriteConflictException",
}
_LOST = {"InternalServerError", "InternalFailure", "ServiceUnavailable", "RequestTimeout", "500", "502", "503", "504"}
_CANCELLED_LATER = {"TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError", "DuplicateItem"}


def fault_of(error: Exception) -> Fault:
    """Sort a failure. What botocore does not know of is final."""
    from botocore.exceptions import ClientError, HTTPClientError
    from botocore.exceptions import ConnectionError as NoConnection

    if isinstance(error, (HTTPClientError, NoConnection)):
        return Fault.LOST
    if not isinstance(error, ClientError):
        return Fault.FINAL
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code == "TransactionCanceledException":
        return _of_cancellation(error.response)
    if code == "ConditionalCheckFailedException":
        return Fault.REFUSED
    if code in _LATER:
        return Fault.LATER
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return Fault.LOST if code in _LOST or status >= 500 else Fault.FINAL


def reasons_of(error: Any) -> list[str]:
    """Why a transaction was cancelled: one code for each of its writes, `None` for those that were not in the way."""
    return [str(reason.get("Code") or "None") for reason in error.response.get("CancellationReasons", [])]


def _of_cancellation(response: Any) -> Fault:
    """A condition that fails is final, whoever else was in the way: asked again it would fail again."""
    codes = {str(reason.get("Code") or "None") for reason in response.get("CancellationReasons", [])} - {"None"}
    if "ConditionalCheckFailed" in codes:
        return Fault.REFUSED
    return Fault.LATER if codes and codes <= _CANCELLED_LATER else Fault.FINAL
