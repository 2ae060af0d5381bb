"""What is raised when something a user gave cannot be used. Every face turns it into its sentence and exit code 2."""


class BadInput(ValueError):
    """Something a user gave cannot be used: what, where, and what is allowed."""
