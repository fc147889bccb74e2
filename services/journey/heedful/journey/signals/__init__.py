"""What a journey shows that somebody should hear of: `journey.signal`."""
