"""How a report of an insight is shown: chart, sentence, table and form. Pure."""
