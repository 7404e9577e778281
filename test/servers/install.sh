#!/bin/sh
# Installs the Debian packages of the real servers that the tests use. Can be run again; starts no service.
set -eu

packages="caddy etcd-server gcc haproxy iproute2 libc6-dev librdkafka-dev mariadb-server memcached mosquitto nats-server nginx-light prometheus prometheus-blackbox-exporter rabbitmq-server redis-server systemd varnish"

if ! command -v apt-get >/dev/null 2>&1; then
  echo "test/servers/install.sh: no apt-get here, nothing installed; the tests that need: $packages; skip themselves" >&2
  exit 0
fi

missing=""
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then sudo=""; else sudo="sudo"; fi

# invoke-rc.d asks policy-rc.d before it starts a service, and 101 forbids. Only where nobody has set a policy.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap '$sudo rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
  $sudo chmod 755 "$policy"
fi

# The output matters only when something fails.
log=$(mktemp)
quietly() {
  "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
}
quietly $sudo apt-get -q update
# shellcheck disable=SC2086 # a list of words
quietly $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends $missing
rm -f "$log"
