"""Fold the exported log of a run anew, with nothing but Python: no database, none of the desk's code.

    mqk replay RUN --export run.jsonl
    python -m mqk.refold run.jsonl          (or: python -m refold run.jsonl, beside a copy of this folder)

Walks the diary's hash chain, makes every table of the run's state from its events and prints each table's
rows and SHA-256 beside what the database had stored; exit 4 if one differs. A second opinion, so nothing is
shared with the first. Quantities are signed whole shares, money micros, both int; instants in UTC.
"""
