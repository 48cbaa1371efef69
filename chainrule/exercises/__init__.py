"""Exercises in a notebook: each shows its task, replies to answers, and what was earned is summed up."""
