"""Tables, sessions, queries, imports, and the rules that act on rows. No screens."""
