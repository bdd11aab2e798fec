"""What the OpenAI adapter is made of: prompts, schemas, one call over HTTP, replies, errors."""
