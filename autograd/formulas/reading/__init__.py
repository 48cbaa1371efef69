"""Mathematics as it is written on paper, typed on a phone or pasted from LaTeX."""
