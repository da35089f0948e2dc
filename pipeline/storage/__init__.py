"""DuckDB: connections, schema, published generations, the lock, the journal."""
