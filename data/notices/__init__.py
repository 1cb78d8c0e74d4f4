"""Notices: alerts that are told to people outside, by webhook or e-mail. Off until a receiver is added."""
