"""Remember and obey: what a contract's world holds, and what its operations do to it."""
