#!/usr/bin/env bash
# After the tests: say what they left out on this machine, and how to add it.
set -u
echo
command -v chromium > /dev/null || command -v chromium-browser > /dev/null ||
  echo "Left out: the browser tests. Add them: apt-get install chromium"
test -e .venv/torch.stamp ||
  echo "Left out: the tests of the extras (torch, lettering, safety). Add them: make test-torch"
exit 0
