#!/usr/bin/env bash
# Runs once, when Gradescope builds the image: Swift, the grader, and bubblewrap for the sandbox.
# The zip holds this file, run_autograder, the grader's repository as dojo/, a file seed with a number of your own and, if
# you have one, policy.json.
set -euo pipefail
apt-get update
apt-get install -y --no-install-recommends bubblewrap curl ca-certificates binutils git gnupg2 libc6-dev libcurl4-openssl-dev \
  libedit2 libgcc-13-dev libncurses-dev libpython3-dev libsqlite3-0 libstdc++-13-dev libxml2-dev libz3-dev pkg-config tzdata zip zlib1g-dev
# For the image Ubuntu 24.04.
version=6.3.1
curl -fsSL "https://download.swift.org/swift-$version-release/ubuntu2404/swift-$version-RELEASE/swift-$version-RELEASE-ubuntu24.04.tar.gz" |
  tar xz --strip-components=1 -C /
cd /autograder/source/dojo
swift build
chmod 700 /autograder/source
