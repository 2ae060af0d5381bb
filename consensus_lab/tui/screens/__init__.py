"""The screens: the lab itself, and what is laid over it for a moment."""
