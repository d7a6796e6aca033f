"""Stubs: answers that a test puts before the contract's own, in WireMock's JSON."""
