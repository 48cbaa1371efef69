// What steps call the nodes of a record: autograd/steps/called.py once more.

// The name of a node where something stands in front of it or behind it: ∂J/∂(b·c).
export const atomOf = ({ name, compound }) => (compound ? `(${name})` : name);
