"""Serves the vendors we play over HTTP, with faults on command."""
