#!/bin/sh
# Installs what the tests need from Debian when run by root there; otherwise names what is missing.
set -eu
missing=""
command -v java >/dev/null 2>&1 || missing="$missing default-jre-headless"
# The binaries alone: virtuoso-opensource itself asks for a password and starts a service.
command -v virtuoso-t >/dev/null 2>&1 || missing="$missing virtuoso-opensource-7-bin"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    # shellcheck disable=SC2086  # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "Not installed, so the tests that need it are skipped:$missing" >&2
fi
