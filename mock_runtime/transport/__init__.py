"""How requests come in and answers go out. Nothing here knows what a job is."""
