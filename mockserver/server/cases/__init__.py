"""Cases: named edge cases of an API, each in a file of its own (fixtures/<api>/cases/NAME.yaml)."""
