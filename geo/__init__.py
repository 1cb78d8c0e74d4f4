"""Space: coordinate systems, cells, boundaries, tiles. Pure functions, no tables and no screens."""
