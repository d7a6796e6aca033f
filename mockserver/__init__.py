"""
A mock server and a contract judge, both driven by the same OpenAPI contracts.

Nothing is imported here: `mockserver --help` and every test that needs one
module pay for what they use.
"""

__version__ = "0.1.0"
