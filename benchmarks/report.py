"""The report of the load measurements, in Markdown: each figure with its ratio to the bare application's."""

from collections.abc import Iterator

from benchmarks.http import CONNECTIONS, P99_LIMIT, PAGES, Measured, Plan

_KINDS = ("form page", "review page", "save", "submit", "decide")


def http_report(zhibao: Measured, bare: Measured, plan: Plan) -> str:
    """The whole section."""
    return "\n".join(
        [
            "## Server\n",
            f"`zhibao serve` over {plan.stored:,} stored submissions; the bare application is Flask and waitress with"
            " one page and one full-sync SQLite transaction for each POST, measured the same way in the same run.\n",
            *_latencies(zhibao, bare, plan),
            *_rates(zhibao, bare),
            *_remarks(zhibao, bare),
        ]
    )


def _latencies(zhibao: Measured, bare: Measured, plan: Plan) -> Iterator[str]:
    yield (
        f"Open loop, {plan.rate:g} requests/s for {plan.seconds:g} s (60 page, 25 save, 10 submit, 5 decide of 100);"
        " milliseconds from the intended send time, in brackets the ratio to the bare one:\n"
    )
    yield "| request | n | p50 | p95 | p99 |"
    yield "|---|---:|---:|---:|---:|"
    for kind in _KINDS:
        figures = " | ".join(_beside(zhibao, bare, kind, percent) for percent in (50, 95, 99))
        yield f"| {kind} | {len(zhibao.open_loop.latencies.get(kind, []))} | {figures} |"
    for kind in ("page", "transaction"):
        figures = " | ".join(f"{bare.open_loop.percentile(percent, kind):.1f}" for percent in (50, 95, 99))
        yield f"| bare {kind} | {len(bare.open_loop.latencies.get(kind, []))} | {figures} |"
    yield ""


def _beside(zhibao: Measured, bare: Measured, kind: str, percent: float) -> str:
    own = zhibao.open_loop.percentile(percent, kind)
    return f"{own:.1f} ({own / bare.open_loop.percentile(percent, _bare_kind(kind)):.1f}×)"


def _bare_kind(kind: str) -> str:
    return "page" if kind in PAGES else "transaction"


def _rates(zhibao: Measured, bare: Measured) -> Iterator[str]:
    yield "| rate | Zhibao | bare | ratio |"
    yield "|---|---:|---:|---:|"
    limit = f"highest open-loop rate tried with p99 under {P99_LIMIT:.0f} ms"
    if zhibao.highest_rate and bare.highest_rate:
        yield _rate_row(limit, zhibao.highest_rate, bare.highest_rate)
    else:
        yield f"| {limit} | none was: the machine had other work | – | – |"
    for kind in _KINDS:
        name = f"{kind}, closed loop at {CONNECTIONS} connections"
        yield _rate_row(name, zhibao.closed[kind].rate, bare.closed[_bare_kind(kind)].rate)
    for kind in ("submit", "decide"):
        name = f"{kind}, until the last letter it promised was delivered too"
        yield _rate_row(name, zhibao.drained[kind], bare.closed["transaction"].rate)
    yield ""


def _rate_row(name: str, own: float, bare: float) -> str:
    return f"| {name} | {own:.0f}/s | {bare:.0f}/s | {own / bare:.2f} |"


def _remarks(zhibao: Measured, bare: Measured) -> Iterator[str]:
    share = zhibao.open_loop.client_cpu / zhibao.open_loop.seconds * 100
    yield (
        f"In the open loop the server used {zhibao.server_cpu:.0f} % of one core (bare: {bare.server_cpu:.0f} %),"
        f" the client {share:.0f} %; the slowest letter was delivered {zhibao.longest_mail:.1f} s after its event.\n"
    )
    wrong = zhibao.unexpected + bare.unexpected
    found = ", ".join(f"{count} × {name}" for name, count in sorted(wrong.items())) or "none"
    yield f"Unexpected answers: {found}. `zhibao audit verify` afterwards: {zhibao.verified}.\n"
