"""Every metric of alerting, once."""

from prometheus_client import Counter, Gauge, Histogram

from heedful.common.contracts import ClockMetric

# Every step of every case: opened, acknowledged, responded, warned, …
CASES = Counter("heedful_alerting_cases_total", "Events of cases, by kind.", ["event"])
# Read from the database every few seconds; every replica shows the same number.
OPEN_CASES = Gauge(
    "heedful_alerting_open_cases",
    "Cases that are not closed, by state and light.",
    ["state", "colour"],
)
# Due for longer than a tick can take, and not fired: 0 while all is well.
TIMERS_OVERDUE = Gauge("heedful_alerting_timers_overdue", "Timers that are due and not fired.")
# Each signal of journey once: opened, joined or reopened a case, noted on a settled one, unplaced
# (it may only join, and there is no open case), ignored by the policy, late (history), erased.
SIGNALS = Counter(
    "heedful_alerting_signals_total",
    "Signals of journey, by what came of them.",
    ["kind", "outcome"],
)
# Every minute and replica: sent, failed, or withheld because a timer is overdue.
HEARTBEATS = Counter(
    "heedful_alerting_heartbeats_total", "Pings of the monitor outside.", ["outcome"]
)
TIMER_LATENESS = Histogram(
    "heedful_alerting_timer_lateness_seconds",
    "Between the due time of a timer and its firing.",
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 1800, 7200, 86400),
)
# Of all active calendars with public holidays, the one that knows least; negative: it is over, and
# every weekday counts as working.
HOLIDAYS_KNOWN_DAYS = Gauge(
    "heedful_alerting_public_holidays_known_days",
    "Days until what calendars know of public holidays ends.",
    ["region"],
)
# Every attempt: delivered, failed (comes again), exhausted, refused, gone (410), discarded.
DELIVERIES = Counter(
    "heedful_alerting_deliveries_total", "Attempts to deliver a webhook.", ["outcome"]
)
# Of alarms about red cases, for the service level in docs/slo.md; copies that stand in for another
# count for nothing. One that is held for people's hours counts from when it may be told.
RED_NOTICES = Counter(
    "heedful_alerting_red_notices_total", "Red notices that were tried for the first time."
)
RED_NOTICE_SECONDS = Histogram(
    "heedful_alerting_red_notice_seconds",
    "Between when a red notice was due and when its receiver took it.",
    buckets=(0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600, 86400),
)
# Notices that were sent together because their robot's budget was short.
DIGESTED = Counter("heedful_alerting_digested_total", "Notices in messages that list several.")
# Notices of cases that belong to an issue, which tells of all of them in one.
SILENCED = Counter(
    "heedful_alerting_silenced_total", "Notices of cases that were left to an issue."
)
# Read from the database every few seconds; every replica shows the same number.
OPEN_ISSUES = Gauge("heedful_alerting_open_issues", "Issues that are not closed.")
# Red notices that were not delivered in time: forwarded, or nowhere to forward them to.
FAILOVERS = Counter(
    "heedful_alerting_failovers_total", "Red notices undelivered in time.", ["outcome"]
)
# By 410, or after 120 hours of nothing but failures.
ENDPOINTS_DISABLED = Counter(
    "heedful_alerting_endpoints_disabled_total", "Endpoints that heedful switched off."
)
# The message went out by heedful's own template instead.
TEMPLATES_FAILED = Counter(
    "heedful_alerting_templates_failed_total", "Messages that a tenant's template failed for."
)
# Once per clock; a contact that was reported after the breach counts a second time, as met.
CLOCK_RESULTS = Counter(
    "heedful_alerting_clock_results_total", "Clocks met and breached.", ["metric", "result"]
)
# Once for each landed fix that said what it should move, when its days are over.
VERIFICATIONS = Counter(
    "heedful_alerting_verifications_total", "Fixes looked at, by what was found.", ["outcome"]
)
# Read from the database every few minutes, over all tenants: clocks of the last 30 days whose time
# is up. The share that was kept is met / (met + breached).
RECENT_CLOCKS = Gauge(
    "heedful_alerting_recent_clocks",
    "Clocks of the last 30 days whose time is up, met and breached.",
    ["metric", "result"],
)
# In the same way: cases received in the last 30 days. The share above 72 hours is
# above / (above + within); docs/numbers.md says which are in neither.
RECENT_LANDINGS = Gauge(
    "heedful_alerting_recent_landings",
    "Cases of the last 30 days by how long they took to land: within 72 hours, above, young,"
    " excluded.",
    ["result"],
)
# Like these two all that follow are read every few minutes, over all tenants; docs/numbers.md names
# the n and the exclusions of each. This one is of the clocks that wait now.
TIME_TO_BREACH = Gauge(
    "heedful_alerting_time_to_breach",
    "Clocks that wait, by what is left: less than 1h, 4h, 12h, 24h, 48h, 72h, later, overdue,"
    " paused.",
    ["metric", "left"],
)
RECENT_PAUSED_HOURS = Gauge(
    "heedful_alerting_recent_paused_hours",
    "Hours that cases of the last 30 days waited for the customer or a third party.",
    ["reason"],
)
RECENT_PAUSED_CASES = Gauge(
    "heedful_alerting_recent_paused_cases",
    "Cases of the last 30 days that waited for the customer or a third party.",
    ["reason"],
)
# Suppressed: withdrawn because their clock stopped, or their endpoint was disabled or deleted.
RECENT_NOTICES = Gauge(
    "heedful_alerting_recent_notices",
    "Notices of the last 30 days: sent, suppressed, failed, waiting.",
    ["outcome"],
)
RECENT_REOPENED = Gauge(
    "heedful_alerting_recent_reopened",
    "Cases that landed first in the last 30 days, by whether they were reopened.",
    ["result"],
)
# The share that helped is verified / (verified + no_effect + worse).
RECENT_FIXES = Gauge(
    "heedful_alerting_recent_fixes",
    "Fixes looked at in the last 30 days, by what was found.",
    ["outcome"],
)

# A counter that appears with its first event hides that event from `increase()`.
for _metric in ClockMetric:
    for _result in ("met", "breached"):
        CLOCK_RESULTS.labels(_metric.value, _result)
