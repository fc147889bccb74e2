"""The numbers of the closed loop: of how many they are, and what was left out of them."""
