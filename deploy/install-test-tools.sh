#!/bin/sh
# Brings Prometheus, Alertmanager, promtool and amtool, for the tests and for `laksa up`, never as system services.
# Where it may not install it says so and exits 0; the tests then name what they leave out.
set -eu

all_present() {
    for program in prometheus promtool prometheus-alertmanager amtool; do
        command -v "$program" >/dev/null || return 1
    done
}

all_present && exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo 'NOT INSTALLED: Prometheus, Alertmanager and their tools (this needs root and apt-get).' >&2
    echo 'Install the packages prometheus and prometheus-alertmanager to run every test.' >&2
    exit 0
fi

# A package's service is started on installation unless this file forbids it.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
apt-get -qq -o DPkg::Lock::Timeout=300 update
apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends prometheus prometheus-alertmanager >/dev/null

# Nor at the next boot.
if command -v systemctl >/dev/null; then
    systemctl --quiet disable prometheus prometheus-alertmanager >/dev/null 2>&1 || true
fi
