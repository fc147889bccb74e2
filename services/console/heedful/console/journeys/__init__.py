"""What pages of customers and their journeys are made of. Pure."""
