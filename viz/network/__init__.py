"""Networks as lectures draw them: units in columns, weights as lines; feature maps; cells in a row over time."""
