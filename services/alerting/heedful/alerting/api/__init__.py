"""The HTTP side of alerting, a router per resource."""
