"""A server on loopback that follows the data plane of Pinecone's API (version 2026-07), faults included.

Facts about the wire are taken from the SDK's source (`pinecone.index`, `pinecone._internal`): JSON bodies in
camel case, the key in `Api-Key`, log positions of writes and reads in headers.
"""

from tests.pinecone_server.index import PineconeIndex
from tests.pinecone_server.server import Faults, PineconeServer

__all__ = ["Faults", "PineconeIndex", "PineconeServer"]
