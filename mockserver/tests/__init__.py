"""The tool's own tests: one file a module."""
