"""Programs by Numba: blocks as the code of an interpreter that it compiles."""
