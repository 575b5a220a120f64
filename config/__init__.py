"""The team's choices: settings, models and routes, as data in TOML; loading them is pure."""
