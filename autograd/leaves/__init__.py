"""The numbers of many leaves in an array, and back: what programs, optimisers and models pass on."""
