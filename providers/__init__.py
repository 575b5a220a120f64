"""Those who make the pictures, each behind the same port; which of them are on, and why not."""
