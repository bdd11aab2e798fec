"""What things are and what may happen to them. Standard library only; no input or output."""
