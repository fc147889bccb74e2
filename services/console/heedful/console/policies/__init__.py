"""Policies as forms."""
