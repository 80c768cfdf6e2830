# What the tests of other platforms have in common: a root of their own below .spanlab, with the project in it. To be sourced at the
# project's root, with NAME, the name of that folder; EXTRA lists what npm is told of the machine.
ROOT=$PWD/.spanlab/$NAME
PROJECT=/home/spanlab
MIRROR=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

say() { echo "$NAME: $*"; }
fail() {
  say "$*" >&2
  exit 1
}

# need PROGRAM PACKAGE
need() {
  command -v "$1" >/dev/null || fail "$1 is missing: apt-get install $2"
}

check_machine() {
  [[ $(uname -s) == Linux && $EUID == 0 ]] || fail 'this needs Linux, and root for its mounts'
}

# Goes on in a mount namespace of its own: what is mounted goes with the process.
enter_namespace() {
  [[ -n "${SPANLAB_PLATFORM:-}" ]] || SPANLAB_PLATFORM=1 exec unshare --mount --propagation private "$0" "$@"
}

# The files of this working tree, and npm's packages for that machine, which npm can choose from here.
copy_project() {
  local target=$ROOT$PROJECT
  mkdir -p "$target"
  find "$target" -mindepth 1 -maxdepth 1 ! -name node_modules ! -name .spanlab -exec rm -rf {} +
  git ls-files --cached --others --exclude-standard -z | tar --create --null --files-from - --ignore-failed-read |
    tar --extract --directory "$target"
  cmp --silent package-lock.json "$target/node_modules/.of.json" && return
  (cd "$target" && npm ci "${EXTRA[@]}")
  cp package-lock.json "$target/node_modules/.of.json"
}

# The network's settings are the machine's.
mount_machine() {
  mkdir -p "$ROOT/proc" "$ROOT/dev" "$ROOT/tmp"
  mount -t proc proc "$ROOT/proc"
  mount --rbind /dev "$ROOT/dev"
  mount -t tmpfs tmpfs "$ROOT/tmp"
  local file
  for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/ssl/certs; do
    [[ -e $file ]] || continue
    mkdir -p "$ROOT$(dirname "$file")"
    if [[ -d $file ]]; then mkdir -p "$ROOT$file"; else touch "$ROOT$file"; fi
    mount --bind "$file" "$ROOT$file"
  done
}

# A program in the root, at the project's folder; NODE is the folder of node.
inside() {
  chroot "$ROOT" /usr/bin/env -u NODE_OPTIONS -u SPANLAB_CACHE HOME=/root PATH="$NODE:/usr/bin:/bin" LC_ALL=C.UTF-8 \
    /bin/sh -c "cd $PROJECT && exec \"\$@\"" sh "$@"
}
