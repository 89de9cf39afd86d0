#!/usr/bin/env bash
# Brings a bare Debian 12 to a working .venv: uv, the programs that the lab and the tests play
# with, the locked dependencies, halod itself. Each only when missing; a second run does nothing.
#   tools/setup.sh              everything
#   tools/setup.sh --packages   the Debian packages alone (what root has to do for others)
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
cd -- "$root"
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin # where Debian keeps them, root or not
export UV_PYTHON_DOWNLOADS=never
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV
# shellcheck source=tools/packages.sh
source tools/packages.sh

# program, Debian package, service that the package would enable
needs=(
    "nginx nginx nginx"
    "keepalived keepalived keepalived"
    "vtysh frr frr"
    "ip iproute2 -"
    "nft nftables -"
    "ps procps -"
    "ping iputils-ping -"
    "strace strace -"
    "unshare util-linux -"
    "openssl openssl -"
    "linux.uml user-mode-linux -"
    "ipvsadm ipvsadm ipvsadm"
    "modprobe kmod -"
)

# What it takes to have a Python, and where there is no uv yet, a way to fetch one.
missing_python() {
    local python
    if ! python=$(tools/python.sh 2>/dev/null); then
        echo python3 python3-venv
    elif ! uv --version >/dev/null 2>&1 && ! build/bootstrap/bin/uv --version >/dev/null 2>&1 \
        && ! "$python" -c 'import ensurepip, venv' 2>/dev/null \
        && ! "$python" -m pip --version >/dev/null 2>&1; then
        echo python3-venv
    fi
}

install_packages() {
    local need program package service
    local -a missing=() services=() python_packages=()
    services_release_stale
    for need in "${needs[@]}"; do
        read -r program package service <<<"$need"
        if command -v "$program" >/dev/null; then continue; fi
        missing+=("$package")
        if [[ $service != - ]]; then services+=("$service"); fi
    done
    read -r -a python_packages <<<"$(missing_python)"
    missing+=("${python_packages[@]+"${python_packages[@]}"}")
    if [[ ${#missing[@]} -eq 0 ]]; then return 0; fi
    packages_install "${missing[@]}" || return 1
    for service in "${services[@]+"${services[@]}"}"; do service_disable "$service"; done
}

fingerprint() { # moving the checkout breaks the paths inside .venv: so the place counts too
    { pwd -P; cat pyproject.toml requirements.lock tools/bootstrap.lock tools/setup.sh; } \
        | sha256sum | cut -d' ' -f1
}

install_environment() {
    local stamp=.venv/.halod-setup wanted python
    wanted=$(fingerprint)
    if [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && .venv/bin/python -c '' 2>/dev/null; then
        return 0
    fi
    rm -f -- "$stamp"
    if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
        || [[ -f .venv/.halod-root && $(<.venv/.halod-root) != "$root" ]]; then
        python=$(tools/python.sh)
        tools/uv venv --quiet --clear --python "$python" .venv
    fi
    printf '%s\n' "$root" >.venv/.halod-root
    tools/uv pip sync --quiet --python .venv/bin/python --compile-bytecode --require-hashes \
        requirements.lock
    tools/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation \
        --editable .
    printf '%s\n' "$wanted" >"$stamp"
    echo "set-up: .venv is ready: .venv/bin/halod, .venv/bin/haloctl"
}

case ${1:-} in
    --packages) install_packages ;;
    "")
        install_packages || echo "set-up: going on without them; demo and some tests need them" >&2
        mkdir -p build
        exec 8>build/setup.lock
        flock 8 # make demo and make test at once
        install_environment
        ;;
    *)
        echo "usage: tools/setup.sh [--packages]" >&2
        exit 2
        ;;
esac
