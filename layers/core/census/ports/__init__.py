"""What the use cases need from the world, named by role. Adapters keep these promises."""
