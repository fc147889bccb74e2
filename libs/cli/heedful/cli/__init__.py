"""The command line: all four services in one process, and tools."""
