"""Boxes and arrows, their places, and the SVG and DOT of them."""
