"""Our few ways of speaking to PostgreSQL in sets, where the ORM is slow, and of hearing what ails it."""
