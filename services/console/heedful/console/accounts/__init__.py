"""People who sign in with a password of this console."""
