"""Every metric of the console, once."""

from prometheus_client import Counter, Gauge, Histogram

SIGN_INS = Counter(
    "heedful_console_sign_ins_total",
    "Signings in by the way in (local, oidc) and what came of them (ok, refused).",
    ["way", "outcome"],
)
UPSTREAM_SECONDS = Histogram(
    "heedful_console_upstream_seconds",
    "Time of a request of the console to a service, by what came of it (ok, refused, away).",
    ["service", "outcome"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
STREAMS = Gauge(
    "heedful_console_streams",
    "Open pages that are kept up to date; HEEDFUL_WEB__MAX_STREAMS bounds them.",
)

# A counter that appears with its first event hides that event from `increase()`.
for _way in ("local", "oidc"):
    for _outcome in ("ok", "refused"):
        SIGN_INS.labels(_way, _outcome)
