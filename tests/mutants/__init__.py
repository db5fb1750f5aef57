"""Mutation testing: rows that are broken by the hundreds, and how many the properties catch.

``python -m tests.mutants`` breaks every row of the table in one place after the other, holds each
to the properties that the suite holds rows to, and prints those that survive.
"""
