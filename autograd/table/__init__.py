"""The table of operations, and the back ends that make code of its rows.

``ops.py`` has the rows, ``op.py`` says what a row holds, and ``arithmetic.py`` has the functions that formulas call.

A *back end* makes code of a row's formulas, for one kind of number. ``language.py`` is what all of them share:

``scalars.py``      Python functions of floats: the value and the local derivatives of a node
``graphs.py``       Python functions that make the nodes of a derivative graph
``arrays.py``       NumPy functions of whole blocks of nodes, on many examples at once
``compiled.py``     loops over such blocks, for Numba to compile
``javascript.py``   the table in a page, which computes without Python
"""
