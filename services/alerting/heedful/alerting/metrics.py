"""Every metric of alerting, once."""

from prometheus_client import Counter, Gauge, Histogram

# Every step of every case: opened, acknowledged, responded, warned, …
CASES = Counter("heedful_alerting_cases_total", "Events of cases, by kind.", ["event"])
# Read from the database every few seconds; every replica shows the same number.
OPEN_CASES = Gauge("heedful_alerting_open_cases", "Cases that are not closed.", ["state"])
# Due for longer than a tick can take, and not fired: 0 while all is well.
TIMERS_OVERDUE = Gauge("heedful_alerting_timers_overdue", "Timers that are due and not fired.")
TIMER_LATENESS = Histogram(
    "heedful_alerting_timer_lateness_seconds",
    "Between the due time of a timer and its firing.",
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 1800, 7200, 86400),
)
# Every attempt: delivered, failed (comes again), exhausted, gone (410), discarded.
DELIVERIES = Counter(
    "heedful_alerting_deliveries_total", "Attempts to deliver a webhook.", ["outcome"]
)
# Once per clock; a contact that was reported after the breach counts a second time, as met.
CLOCK_RESULTS = Counter(
    "heedful_alerting_clock_results_total", "Clocks met and breached.", ["metric", "result"]
)
