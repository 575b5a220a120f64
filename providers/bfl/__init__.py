"""The one door to Black Forest Labs: tasks are created, asked after and fetched."""
