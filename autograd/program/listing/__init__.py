"""A program as a listing in the notation of docs/lectures.md."""
