"""Objects in S3: created only where none is (`If-None-Match`), swapped only where unchanged (`If-Match`).

The bucket keeps every version, and the program's role may not delete. A write whose answer was lost may have been
applied: it is repeated, and the refusal of the repetition is then recognised as our own success by the writer's mark.
"""

import secrets
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

from infra.aws_clients import client
from infra.object_names import check_name, check_prefix

TRIES = 6
FIRST_WAIT_SECONDS = 0.05
LINK_SECONDS = 300
"""How long a download link works; a table of 100 MB is through in that time."""
_GONE = {"NoSuchKey", "404", "NotFound"}
_REFUSED = {"PreconditionFailed", "412"}
_LATER = {"ConditionalRequestConflict", "OperationAborted", "SlowDown", "ServiceUnavailable", "InternalError"}
_LATER |= {"RequestTimeout", "409", "500", "503"}


class S3Objects:
    """The `Objects` port over one bucket. An outage raises botocore's own error after the tries are used up."""

    def __init__(self, bucket: str, kms_key: str = "", wait: Callable[[float], None] = time.sleep) -> None:
        self.bucket = bucket
        self.wait = wait
        self._encryption = {"ServerSideEncryption": "AES256"}
        if kms_key:
            self._encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms_key}

    @cached_property
    def s3(self) -> Any:
        """The client; requests are signed with version 4, which links in China and new regions need."""
        return client("s3", signature_version="s3v4")

    @cached_property
    def writing(self) -> Any:
        """A client that repeats nothing: what may be repeated is decided here."""
        return client("s3", attempts=1)

    def create(self, name: str, data: bytes) -> bool:
        """S3 lets exactly one of racing writers through."""
        return self._put(check_name(name), data, {"IfNoneMatch": "*"})

    def read(self, name: str) -> bytes | None:
        """The whole content; strongly consistent."""
        found = self.read_with_tag(name)
        return found[0] if found else None

    def read_with_tag(self, name: str) -> tuple[bytes, str] | None:
        """Content and S3's entity tag."""
        from botocore.exceptions import ClientError

        try:
            answer = self.s3.get_object(Bucket=self.bucket, Key=check_name(name))
        except ClientError as error:
            if _code(error) in _GONE:
                return None
            raise
        return answer["Body"].read(), answer["ETag"]

    def swap(self, name: str, data: bytes, expected_tag: str | None) -> bool:
        """Compare and replace, in one request."""
        condition = {"IfNoneMatch": "*"} if expected_tag is None else {"IfMatch": expected_tag}
        return self._put(check_name(name), data, condition)

    def names(self, prefix: str, after: str = "", limit: int = 1000) -> list[str]:
        """Sorted names; S3 lists in the order of bytes, which for our names is the order of text."""
        request = {"Bucket": self.bucket, "Prefix": check_prefix(prefix), "StartAfter": after}
        names: list[str] = []
        while len(names) < limit:
            answer = self.s3.list_objects_v2(**request, MaxKeys=min(1000, limit - len(names)))
            names += [entry["Key"] for entry in answer.get("Contents", ())]
            if not answer["IsTruncated"]:
                break
            request["StartAfter"] = names[-1]
        return names

    def download_link(self, name: str, filename: str, media_type: str) -> str | None:
        """A presigned address: made here without a request, checked by S3 when it is used."""
        parameters = {
            "Bucket": self.bucket,
            "Key": check_name(name),
            "ResponseContentDisposition": f'attachment; filename="{filename}"',
            "ResponseContentType": media_type,
        }
        link: str = self.s3.generate_presigned_url("get_object", Params=parameters, ExpiresIn=LINK_SECONDS)
        return link

    def _put(self, name: str, data: bytes, condition: dict[str, str]) -> bool:
        """Write under a condition; whether it was us who wrote."""
        from botocore.exceptions import ClientError, HTTPClientError
        from botocore.exceptions import ConnectionError as NoConnection

        mark = secrets.token_hex(16)
        request = {"Bucket": self.bucket, "Key": name, "Body": data, "Metadata": {"writer": mark}}
        for attempt in range(TRIES):
            try:
                self.writing.put_object(**request, **self._encryption, **condition)
            except (ClientError, HTTPClientError, NoConnection) as error:
                code = _code(error) if isinstance(error, ClientError) else "503"
                if code in _REFUSED | _GONE:
                    return attempt > 0 and self._is_ours(name, mark)
                if code not in _LATER or attempt == TRIES - 1:
                    raise
                self.wait(FIRST_WAIT_SECONDS * 2**attempt * (0.5 + secrets.randbelow(1000) / 1000))
            else:
                return True
        raise AssertionError("unreachable: the last try returns or raises")

    def _is_ours(self, name: str, mark: str) -> bool:
        """Whether an earlier try of this very write was applied although its answer was lost."""
        from botocore.exceptions import ClientError

        try:
            answer = self.s3.head_object(Bucket=self.bucket, Key=name)
        except ClientError as error:
            if _code(error) in _GONE:
                return False
            raise
        return bool(answer["Metadata"].get("writer") == mark)


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
