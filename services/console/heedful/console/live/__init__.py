"""Pages that are kept up to date: which cases something happened to, told as it happens."""
