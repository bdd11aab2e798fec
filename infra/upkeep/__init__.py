"""Commands for those who run Census. They work on any machine that reaches the database and the index."""
