"""Search over what customers said: terms, their places, and how two rankings become one. Pure."""
