"""Fakes that are kept like code: each passes the contract suite of the port beside the real adapter."""
