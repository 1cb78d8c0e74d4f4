"""Imports: from the files that a street really has to the tables, with a profile, a preview and a way back."""
