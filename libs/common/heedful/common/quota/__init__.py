"""How much a key and a tenant may ask for: token buckets, leased to replicas in chunks."""
