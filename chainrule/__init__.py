"""The command line, ``chainrule`` or ``python -m chainrule``; the library is ``autograd``, ``nn`` and ``viz``."""
