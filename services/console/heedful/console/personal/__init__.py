"""Identifiers of customers: masked, and who has seen them whole."""
