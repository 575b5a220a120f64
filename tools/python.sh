#!/usr/bin/env bash
# Print the newest Python from 3.14 down to 3.11 that really runs here (a version manager's shim
# may stand on the path for one that is not switched on), or say in one sentence what is missing.
set -u
fits='import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'
for name in python3.14 python3.13 python3.12 python3.11 python3; do
  if command -v "$name" > /dev/null && "$name" -c "$fits" > /dev/null 2>&1; then
    echo "$name"
    exit 0
  fi
done
echo "AI Handler needs Python 3.11 to 3.14 with venv and pip on the path; none was found." >&2
exit 1
