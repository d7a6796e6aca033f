"""The rules of behavior.yaml, run beside a server: the engine as its model."""
