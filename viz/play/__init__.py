"""The playground: a network that is trained where it is seen, in a page; what it does, Python does too."""
