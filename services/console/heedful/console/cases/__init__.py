"""The page of a case: what may be done with it, its words with their evidence, typed forms."""
