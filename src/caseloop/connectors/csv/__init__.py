"""Cases from and to CSV files (spec 9.2)."""
