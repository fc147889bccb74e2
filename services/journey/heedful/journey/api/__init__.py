"""HTTP API of journey, one module per resource."""
