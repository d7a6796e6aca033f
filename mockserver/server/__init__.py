"""SECOND floor: requests meet contracts. pipeline.py is a request's life, door.py what `serve` opens."""
