"""What Slack and Discord have in common: what was heard, who may, what is answered, and how."""
