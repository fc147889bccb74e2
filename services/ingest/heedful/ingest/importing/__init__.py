"""Files of feedback: read row by row, columns guessed, each row an item or a reason. Pure."""
