"""``chainrule check``: a student's derivation marked, of a formula or of an exercise, for people and for graders."""
