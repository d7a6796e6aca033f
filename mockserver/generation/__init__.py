"""
Make what was promised: values for schemas, realistic, coherent, and always the same for the same seed.
"""

from mockserver.generation.patterns import string_matching
from mockserver.generation.values import Generator

__all__ = ["Generator", "string_matching"]
