# Sourced. Installs Debian packages without ever letting one start a service on this machine.
# shellcheck shell=bash

policy_file=/usr/sbin/policy-rc.d
policy_saved=$policy_file.halod-saved
policy_mark='# halod set-up: no service may start'
packages_lock=/run/lock/halod-packages.lock

# Debian asks policy-rc.d before it starts anything; 101 is "forbidden". Ours stands only while
# apt runs; the machine's own, if it has one, is set aside and put back. A set-up that was killed
# in between leaves ours behind: the next run knows it by its mark and clears it away.
services_hold() {
    services_release || return 1
    if [[ -e $policy_file ]]; then mv -- "$policy_file" "$policy_saved" || return 1; fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" >"$policy_file" || return 1
    chmod 0755 "$policy_file"
}

services_release() {
    if [[ -f $policy_file ]] && grep -qxF "$policy_mark" "$policy_file"; then
        rm -f -- "$policy_file" || return 1
    fi
    if [[ -e $policy_saved && ! -e $policy_file ]]; then
        mv -- "$policy_saved" "$policy_file"
    fi
}

# Clears away what a set-up that was killed left behind, unless another one is at work now.
services_release_stale() {
    if [[ $(id -u) -eq 0 ]] && grep -qsxF "$policy_mark" "$policy_file"; then
        ( exec 9>"$packages_lock" && flock --nonblock 9 && services_release ) || true
    fi
}

# packages_install NAME...: 0 if all are installed, else 1 with the command to run by hand.
packages_install() {
    if ! command -v apt-get >/dev/null; then
        echo "set-up: this is not Debian; install what gives you: $*" >&2
        return 1
    fi
    if [[ $(id -u) -ne 0 ]]; then
        echo "set-up: missing Debian packages, and only root may install them. Run:" >&2
        # shellcheck disable=SC2154 # the script that sources this knows where it is
        echo "    sudo $root/tools/setup.sh --packages" >&2
        return 1
    fi
    ( # every step says || exit: a caller that asks for the outcome switches off errexit
        mkdir -p "${packages_lock%/*}" && exec 9>"$packages_lock" || exit 1
        flock 9 || exit 1 # two set-ups at once would lose the machine's own policy-rc.d
        trap services_release EXIT
        trap 'exit 130' INT
        trap 'exit 143' HUP TERM
        services_hold || exit 1
        export DEBIAN_FRONTEND=noninteractive
        echo "set-up: installing Debian packages: $*"
        apt-get update -qq 9>&- || echo "set-up: apt-get update failed; trying all the same" >&2
        apt-get install -qq --yes --no-install-recommends "$@" </dev/null >/dev/null 9>&- \
            || exit 1
    )
}

# service_disable NAME: what we brought must not start at the next boot either.
service_disable() {
    if command -v systemctl >/dev/null; then
        systemctl disable --quiet "$1.service" 2>/dev/null \
            || echo "set-up: could not disable $1.service; look at: systemctl is-enabled $1" >&2
    elif command -v update-rc.d >/dev/null; then
        update-rc.d "$1" disable >/dev/null 2>&1 || true
    fi
}
