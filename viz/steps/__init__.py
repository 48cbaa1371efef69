"""The stepper: a page, a widget, an animation."""
