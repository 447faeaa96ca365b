#!/bin/sh
# Makes all fixtures anew. Needs PyTorch for Python: Debian's python3-torch, or any other with PYTHON=…
set -eu
cd "$(dirname "$0")"
for script in *.py; do
    [ "$script" = fixtures.py ] || "${PYTHON:-/usr/bin/python3}" "$script"
done
