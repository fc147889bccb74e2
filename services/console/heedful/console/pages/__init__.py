"""The pages, a module each: what it asks of the services, and with what it answers."""
