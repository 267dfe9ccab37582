"""Which cases does a rule or a protection mean? A small tree, asked only of PostgreSQL (spec 2.2)."""
