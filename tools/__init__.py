"""Set-up with nothing but the standard library: environments, front-end files, and what can be in the way."""
