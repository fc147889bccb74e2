"""What comes of `journey.signal`: a case, more about one that there is, or nothing."""
