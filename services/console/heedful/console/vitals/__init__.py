"""How the services are, from what they measure themselves (docs/metrics.md)."""
