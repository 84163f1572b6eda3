#!/bin/sh
# Installs the Tilik server from this folder, or a newer version over an older one. Nothing is fetched from anywhere.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=${DESTDIR:-}

if [ -z "$root" ] && [ "$(id -u)" -ne 0 ]; then
    echo "install.sh writes to /usr/local and /etc: please run it as root (sudo ./install.sh)." >&2
    exit 1
fi
(cd "$here" && sha256sum --check --quiet SHA256SUMS) || {
    echo "A file differs from SHA256SUMS: the archive is damaged. Nothing was installed." >&2
    exit 1
}

if [ -z "$root" ]; then
    id tilik >/dev/null 2>&1 || useradd --system --home-dir /var/lib/tilik --shell /usr/sbin/nologin tilik
    install -d -o tilik -g tilik -m 0700 /var/lib/tilik /var/backups/tilik
fi
install -d -m 0755 "$root/usr/local/bin" "$root/etc/systemd/system" "$root/etc/tilik" "$root/usr/local/share/doc/tilik"
# The program that runs is replaced, not written over: it goes on until it is started anew.
for program in tilik-server tilik; do
    install -m 0755 "$here/bin/$program" "$root/usr/local/bin/.$program.new"
    mv -f "$root/usr/local/bin/.$program.new" "$root/usr/local/bin/$program"
done
install -m 0644 "$here"/systemd/* "$root/etc/systemd/system/"
install -m 0644 "$here"/doc/* "$root/usr/local/share/doc/tilik/"

if [ -z "$root" ] && command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ]; then
    systemctl daemon-reload
fi
cat <<'SAY'
Installed. On a new machine:

    sudo -u tilik tilik-server --data /var/lib/tilik/data init --project "Kota Jambi" --admin NAME
    sudo systemctl enable --now tilik-server tilik-backup.timer

After an upgrade: sudo systemctl restart tilik-server
The rest is in /usr/local/share/doc/tilik/operations.md.
SAY
