"""Many cases about one thing are one issue, which tells of them and never stops their clocks."""
