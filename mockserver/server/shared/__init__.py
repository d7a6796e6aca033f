"""State in a database: it outlives the process, and several processes share it."""
