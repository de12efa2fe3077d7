"""`laksa train` and `laksa model`: models that learn from corrections, and which of them decides."""
