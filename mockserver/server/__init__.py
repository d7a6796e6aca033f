"""SECOND floor: where requests meet contracts. pipeline.py is a request's life; door.py is what `serve` opens."""
