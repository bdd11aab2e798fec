"""Census: answers to questions about all of a document collection."""
