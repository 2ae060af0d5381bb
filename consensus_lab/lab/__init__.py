"""The lab: where protocols meet the world. Scenarios, lessons, grading and what is reported of them."""
