"""Understanding: one feedback in, its labels with evidence and its light out."""
