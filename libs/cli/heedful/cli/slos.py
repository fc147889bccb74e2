"""The service levels that heedful is held to. `docs/slo.md` says why each is what it is.

Rules and alerts follow from these (`slo_rules`), after the multiwindow, multi-burn-rate alerts of
the Site Reliability Workbook, chapter 5, "Alerting on SLOs".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A share of events that must be good, over 30 days.

    Attributes:
        name: the label `slo` of its series.
        alert: start of its alerts' names.
        share: of events, that must be good; its budget is the rest.
        events: PromQL, events per second over 5 minutes.
        bad: the same of bad ones; None where good ones are told.
        good: the same of good ones; None where bad ones are told.
        least: so many bad events within a window; fewer wake nobody, for a share of few events
            says little.
        night: whether what burns fast wakes somebody. Without it only the slow burn is told.
        what: what became of a share of the events, for a summary: "{share} of …".
        lost: what it means for those who are served, and where to look.
    """

    name: str
    alert: str
    share: float
    events: str
    bad: str | None = None
    good: str | None = None
    least: int
    night: bool = True
    what: str
    lost: str

    @property
    def budget(self) -> float:
        """The share of events that may be bad."""
        return round(1 - self.share, 9)


OBJECTIVES: Final[Sequence[Objective]] = (
    Objective(
        name="ingest-availability",
        alert="HeedfulIngestAvailability",
        share=0.999,
        events='sum(rate(heedful_http_requests_total{job=~"(heedful-)?ingest", method="POST",'
        ' status!="404"}[5m]))',
        bad='sum(rate(heedful_http_requests_total{job=~"(heedful-)?ingest", method="POST",'
        ' status=~"5.."}[5m]))',
        least=20,
        what="what is posted to ingest is answered 5xx",
        lost="Senders that do not send again lose feedback. Look at the brokers, and at"
        " heedful_bus_publish_total by outcome.",
    ),
    Objective(
        name="freshness",
        alert="HeedfulFreshness",
        share=0.99,
        events='sum(rate(heedful_ingest_items_total{kind="feedback", outcome="accepted"}[5m]))',
        good='sum(rate(heedful_nlp_freshness_seconds_bucket{le="60.0"}[5m]))',
        least=20,
        what="accepted feedback has no labels within 60 seconds",
        lost="Red lights are seen late. Look at nlp: whether it runs, its lag, its dead letters.",
    ),
    Objective(
        name="red-notices",
        alert="HeedfulRedNotices",
        share=0.99,
        events="sum(rate(heedful_alerting_red_notices_total[5m]))",
        good='sum(rate(heedful_alerting_red_notice_seconds_bucket{le="60.0"}[5m]))',
        least=5,
        what="red notices are not taken within 60 seconds",
        lost="People do not hear of red lights, or of the end of their time. GET /v1/deliveries"
        " names the endpoint and its answer.",
    ),
    Objective(
        name="response",
        alert="HeedfulResponses",
        share=0.95,
        events='sum(rate(heedful_alerting_clock_results_total{metric="respond"}[5m]))',
        bad='sum(rate(heedful_alerting_clock_results_total{metric="respond",'
        ' result="breached"}[5m]))',
        least=5,
        night=False,
        what="respond clocks run out before a person has answered",
        lost="Customers wait longer than they were promised. GET /v1/board says whose cases, and"
        " why.",
    ),
)
