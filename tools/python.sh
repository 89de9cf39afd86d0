#!/usr/bin/env bash
# Prints the Python to build with: $PYTHON, else python3.11, else any python3 from 3.11 on.
set -euo pipefail
for candidate in ${PYTHON:-} python3.11 python3 /usr/bin/python3.11 /usr/bin/python3; do
    # Asking it for its version also unmasks a version manager's shim with nothing behind it.
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        exec "$candidate" -c 'import sys; print(sys.executable)'
    fi
done
echo "set-up: no Python 3.11 or newer found; on Debian 12: apt-get install python3" >&2
exit 1
