"""Calendars as months."""
