"""Tillbridge: one canonical order, said to every vendor of a store."""
