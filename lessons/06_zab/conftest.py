"""Lets plain `pytest` in this folder find your exercise.py, count points, and keep the trace of what fails."""

from consensus_lab.lab.grading_plugin import exercise, pytest_configure

__all__ = ["exercise", "pytest_configure"]
