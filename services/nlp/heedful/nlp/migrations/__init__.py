"""The history of the schema `nlp`."""
