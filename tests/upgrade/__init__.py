"""Outboxes of earlier releases, kept as they were: python -m tests.upgrade 0.1.0 writes one."""
