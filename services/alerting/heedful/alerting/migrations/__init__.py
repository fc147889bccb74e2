"""The history of the schema `alerting`."""
