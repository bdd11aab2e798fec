"""The edge to Lambda: events, logs, metrics, errors as HTTP answers."""
