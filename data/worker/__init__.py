"""The background worker: one lease, one scheduler, and the jobs that no page waits for."""
