"""Every metric of nlp, once."""

from prometheus_client import Counter, Gauge, Histogram

ENRICHED = Counter("heedful_nlp_enriched_total", "Feedback enriched, by light.", ["light"])
FRESHNESS = Histogram(
    "heedful_nlp_freshness_seconds",
    "Between the receipt of a feedback and its labels.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600),
)
INFERENCE = Histogram(
    "heedful_nlp_inference_seconds",
    "Time of one text in a worker thread.",
    buckets=(0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
)
CACHE = Counter("heedful_nlp_cache_total", "Short texts by whether they came before.", ["result"])
REFUSED = Counter("heedful_nlp_refused_total", "Texts refused because too many were waiting.")
_RATE = ["basis", "label", "value", "bound"]
PRECISION = Gauge(
    "heedful_nlp_precision",
    "Share of a label's value that people found right, of the last 8 weeks. `basis` sample: of the "
    "random sample, unbiased; corrections: as if all that nobody corrected were right. `bound`: "
    "point, and the ends low and high of the 95 % Wilson interval.",
    _RATE,
)
RECALL = Gauge(
    "heedful_nlp_recall",
    "Share that nlp found of what people say is of that value; `basis` and `bound` as above.",
    _RATE,
)
AUDITED = Gauge("heedful_nlp_audited", "Items of the random sample judged in the last 8 weeks.")

# A counter that appears with its first event hides that event from `increase()`.
for _light in ("red", "amber", "green", "grey"):
    ENRICHED.labels(_light)
for _result in ("hit", "miss"):
    CACHE.labels(_result)
