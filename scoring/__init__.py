"""The judges: measurements of pixels, votes made into ratings; nothing is drawn that is none."""
