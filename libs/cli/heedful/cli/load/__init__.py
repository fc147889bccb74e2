"""`heedful load`: requests by the clock against a running ingest, and how long each waited."""
