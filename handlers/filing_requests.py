"""What a program's request names: whose submission, which version of the draft, which key; and the draft it gets."""

import re
from collections.abc import Iterator

from flask import Response, jsonify, request

from forms.definition import Severity
from forms.fields import FilingForm, content_of, findings_of, form_from_raw, raw_inputs, sign_off_mistakes
from forms.schemas import document_of
from handlers.api_tokens import token_here
from handlers.context import services
from handlers.filing_documents import Filed, finding_data, finding_faults, read_filing, reason_faults
from handlers.problems import Fault, Problem, ProblemFound
from workflows.deadlines import to_text
from workflows.filing import Desk, Entry, open_desk
from workflows.links import FilingLink
from workflows.permissions import ENTERPRISE, NotAllowed, filing_link_of
from workflows.submissions import Draft, Trace
from workflows.tokens import seconds_to_wait

_KEY = re.compile(r'"?([!#-\[\]-~]{8,128})"?')
_VERSION = re.compile(r'"(0|[1-9][0-9]{0,8})"')


def require_enterprise() -> None:
    """Only a unit's token files; an office's reads tables. Raises `ProblemFound`."""
    if token_here().role != ENTERPRISE:
        zh, en = "只有调查单位自己的令牌可以填报。", "Only a unit's own token files."
        raise ProblemFound(Problem.NOT_ALLOWED, zh, en)


def missing() -> ProblemFound:
    """The same answer for what is not there and for what is another unit's."""
    zh, en = "没有这份报送，或者它不是本单位的。", "There is no such submission of this unit."
    return ProblemFound(Problem.NOT_FOUND, zh, en)


def own_desk(submission_id: str) -> tuple[Desk, FilingLink]:
    """The desk of the token's own unit, and who acts. Raises `ProblemFound`."""
    require_enterprise()
    found = services().store.submission(submission_id)
    if found is None:
        raise missing()
    try:
        link = filing_link_of(services(), token_here(), found)
    except NotAllowed as error:
        raise missing() from error
    return open_desk(services(), link), link


def writing_desk(submission_id: str) -> tuple[Desk, FilingLink]:
    """The same for a request that writes: only so many in a minute. Raises `ProblemFound`."""
    require_enterprise()
    wait = seconds_to_wait(services(), token_here())
    if wait:
        zh, en = f"请在 {wait} 秒后再试。", f"Try again in {wait} seconds."
        raise ProblemFound(Problem.TOO_MANY, zh, en, headers={"Retry-After": str(wait)})
    return own_desk(submission_id)


def key_named() -> str:
    """The key of a sending. Raises `ProblemFound`."""
    match = _KEY.fullmatch(request.headers.get("Idempotency-Key", ""))
    if match is None:
        zh = "请带上 Idempotency-Key：8 到 128 个 ASCII 字符，每次报送用一个新的，如 UUID。"
        en = "Send an Idempotency-Key of 8 to 128 ASCII characters, a new one for each sending, such as a UUID."
        raise ProblemFound(Problem.NO_KEY, zh, en)
    return match[1]


def version_named(desk: Desk) -> int:
    """The version of the draft that `If-Match` names, which must be the stored one. Raises `ProblemFound`."""
    match = _VERSION.fullmatch(request.headers.get("If-Match", ""))
    if match is None:
        zh = '请在 If-Match 里写明所依据的草稿版本（GET draft 的 ETag；还没有草稿时是 "0"）。'
        en = 'Name the version of the draft in If-Match (the ETag of GET draft; "0" where there is none).'
        raise ProblemFound(Problem.NO_VERSION, zh, en)
    if int(match[1]) != (desk.draft.version if desk.draft else 0):
        raise draft_changed(desk.draft)
    return int(match[1])


def draft_changed(stored: Draft | None) -> ProblemFound:
    """The draft is not the one this request was made from."""
    version = stored.version if stored else 0
    zh = f"现在存的是第 {version} 版。请先读取，再决定要不要覆盖。什么也没有改动。"
    en = f"Version {version} is stored now. Read it, then decide whether to replace it. Nothing was changed."
    return ProblemFound(Problem.DRAFT_CHANGED, zh, en, headers={"ETag": f'"{version}"'})


def filed_at(desk: Desk) -> Filed:
    """The return in the body. Raises `ProblemFound`."""
    return read_filing(desk.definition, starred=desk.unit.starred, today=services().today().isoformat())


def entry_of(desk: Desk, filed: Filed, version: int) -> tuple[Entry, FilingForm]:
    """What the use cases take, and the same as a page."""
    form = form_from_raw(desk.definition, filed.inputs, starred=desk.unit.starred)
    return Entry(raw_inputs(form), content_of(form, desk.definition), version), form


def sending_faults(desk: Desk, form: FilingForm) -> Iterator[Fault]:
    """What cannot be read, and what the sign-off lacks: what is looked at before anything is sent."""
    if form.mistakes or form.row_mistakes:
        fatal = [found for found in findings_of(form, desk.neighbours.around) if found.severity is Severity.FATAL]
        yield from finding_faults(desk.definition, fatal)
    for found in sign_off_mistakes(form):
        yield Fault(f"/signoff/{found.rule_id.removeprefix('signoff:')}", found.rule_id, found.zh, found.en)


def trace_of(action: str) -> Trace:
    """Where this request comes from: through the interface, by which token."""
    device = f"token {token_here().id} {request.headers.get('User-Agent', '')}"
    return Trace(action, "api", (request.remote_addr or "")[:64], device[:300])


def draft_answer(desk: Desk) -> Response:
    """The draft with its version as ETag, and its findings; an empty draft has version 0."""
    draft = desk.draft
    form = form_from_raw(desk.definition, draft.inputs if draft else {}, starred=desk.unit.starred)
    version = draft.version if draft else 0
    findings = findings_of(form, desk.neighbours.around)
    unexplained = desk.refused_reasons(Entry(raw_inputs(form), content_of(form, desk.definition), version), findings)
    answer = jsonify(
        {
            "version": version,
            "saved_at": to_text(draft.saved_at) if draft else None,
            **document_of(desk.definition, draft.inputs if draft else {}),
            "findings": [finding_data(desk.definition, found) for found in findings],
            "unexplained": [fault.as_data() for fault in reason_faults(findings, unexplained)],
            "waiting": [rule.id for rule in desk.waiting],
        }
    )
    answer.headers["ETag"] = f'"{version}"'
    return answer
