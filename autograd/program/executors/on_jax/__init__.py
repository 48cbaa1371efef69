"""Programs by JAX: blocks as a function that it compiles."""
