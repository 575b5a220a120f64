"""The one door to Replicate's SDK: jobs are created, asked after and fetched."""
