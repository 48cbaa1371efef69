"""The graphs of the gallery, page by page: they stand here only. ``gallery.py`` writes the pages from them."""

from .calculus import FIRST, GATES, RULES
from .entry import Entry, Page
from .networks import LOSSES, NETWORKS, NEURONS, SEQUENCES

PAGES = (FIRST, RULES, GATES, NEURONS, LOSSES, NETWORKS, SEQUENCES)

__all__ = ["PAGES", "Entry", "Page"]
