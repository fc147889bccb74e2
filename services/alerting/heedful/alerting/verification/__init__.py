"""Did the fix help? One look, at a day that was fixed when it landed, at what customers say."""
