"""The world behind the ports: each module is named vendor + role."""
