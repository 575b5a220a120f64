"""AI Handler in Slack: the one door to slack-bolt and slack_sdk."""
