"""Derivatives of any order as graphs, and by differences."""
