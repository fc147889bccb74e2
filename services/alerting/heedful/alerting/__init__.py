"""alerting: a case for every red light, clocks that nobody can stop by accident, webhooks."""
