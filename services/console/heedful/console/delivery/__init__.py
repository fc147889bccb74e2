"""What a form of an endpoint has, by the kind of the endpoint."""
