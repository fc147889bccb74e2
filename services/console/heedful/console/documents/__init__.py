"""Policies and calendars as text that people edit: YAML, of which JSON is a part."""
