"""The memory: database, run log, durable jobs, artifacts and exports, all owned by the team."""
