"""How pages are brought: the guarded connection, the decoded and counted body, robots.txt."""
