#!/bin/sh
# Installs RabbitMQ's package on Debian and Ubuntu, as root, without starting a system service now or at the next boot.
set -eu

exec 9>/run/lock/tideline-install
flock -w 600 9 || {
    echo "Another installation of RabbitMQ has not ended for ten minutes. See what it waits for: ps axf | grep apt-get" >&2
    exit 1
}
if [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; then exit 0; fi

units=rabbitmq-server.service
if ! command -v epmd >/dev/null; then units="$units epmd.socket epmd.service"; fi  # Erlang's, which comes along

# dpkg asks this file whether it may start a service. One that the machine has already comes back afterwards; one that
# an interrupted run of this script left behind does not.
policy=/usr/sbin/policy-rc.d
aside=$policy.before-tideline
restore() {
    rm -f "$policy"
    if [ -e "$aside" ]; then mv "$aside" "$policy"; fi
}
if [ -e "$policy" ] && ! grep -q "Tideline's installer" "$policy"; then mv "$policy" "$aside"; fi
trap restore EXIT
trap 'exit 130' INT TERM HUP
printf "#!/bin/sh\n# Put here by Tideline's installer for a moment.\nexit 101\n" >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
# Without the lock's descriptor: whatever a package starts and leaves behind would hold the lock for ever.
install() {
    apt-get -q -y -o DPkg::Lock::Timeout=120 install --no-install-recommends rabbitmq-server 9>&-
}
install || { apt-get -q update 9>&- && install; }

# Not at the next boot either. Where there is no systemctl, nothing reads the units.
if command -v systemctl >/dev/null; then systemctl --quiet disable $units || true; fi
update-rc.d rabbitmq-server disable >/dev/null || true
