"""What comes out: facts, reference series, indicator definitions and published tables."""
