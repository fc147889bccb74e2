"""Training and evaluation of what nlp ships. Not imported by the service."""
