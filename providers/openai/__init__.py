"""The one door to OpenAI's SDK: one blocking call returns the picture."""
