# Sourced by ./quickstart and ./run-tests: installs what debian-packages.txt
# lists and this machine lacks.

# missing_packages SECTION...: names, one a line.
missing_packages() {
  local wanted
  wanted=$(awk -v sections=" $* " '
    /^\[/ { gsub(/[][]/, ""); on = index(sections, " " $0 " ") > 0; next }
    /^#/ || /^$/ { next }
    on { print }' debian-packages.txt)
  local package
  for package in $wanted; do
    dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null |
      grep -q '^install ok installed' || echo "$package"
  done
}

# install_packages SECTION...: does nothing when all is there.
install_packages() {
  local missing sudo=
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
      echo "these Debian packages are missing and only root can install them:" $missing >&2
      return 1
    }
    sudo=sudo
  fi
  echo "installing $(echo "$missing" | wc -l) Debian packages (up to 900 MB, a few minutes on a bare machine)"
  # Word splitting is wanted: one argument a package.
  # shellcheck disable=SC2086
  { $sudo apt-get -qq update &&
    DEBIAN_FRONTEND=noninteractive $sudo apt-get -qq install -y \
      --no-install-recommends $missing; } >/dev/null ||
    { echo "apt-get failed; run: apt-get install" $missing >&2; return 1; }
}
