#!/bin/sh
# Installs those Debian packages of packages.txt that are missing, as root or by sudo; without the right it only names them.
set -eu
missing=""
for package in $(sed 's/#.*//; s/ .*//' "$(dirname "$0")/packages.txt"); do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "Debian packages that the tests need and that are missing (why: tests/packages.txt):$missing"

sudo=""
if [ "$(id -u)" != 0 ]; then
    sudo="sudo"
    # Only whoever sits at a terminal can be asked for a password.
    [ -t 0 ] || sudo="sudo -n"
fi
if ! command -v apt-get > /dev/null || ! $sudo true; then
    echo "they cannot be installed from here: what needs them is skipped"
    exit 0
fi
echo "installing them by: ${sudo:+$sudo }apt-get install"
$sudo apt-get update -qq
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
