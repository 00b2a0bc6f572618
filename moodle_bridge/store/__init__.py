"""Everything durable: the database, its tables and what is read from and written to them."""
