# Sourced by ./run-tests: fetches, once, what frameworks_test needs.

# prepare_frameworks: sets ORRERY_FRAMEWORKS, to nothing where it cannot be had.
prepare_frameworks() {
  local cache=${ORRERY_FRAMEWORKS:-${XDG_CACHE_HOME:-$HOME/.cache}/orrery/frameworks}
  ORRERY_FRAMEWORKS=
  examples/fetch-frameworks --no-store --cache "$cache" || return 0
  local wanted=tests/e2e/framework_clients.txt clients=$cache/clients
  if ! cmp -s "$wanted" "$clients/installed.txt"; then
    rm -rf "$clients"
    /usr/bin/python3 -m venv "$clients" &&
      "$clients/bin/pip" -q install -r "$wanted" &&
      cp "$wanted" "$clients/installed.txt" || {
      echo "the clients of $wanted cannot be had: tests of frameworks are skipped" >&2
      return 0
    }
  fi
  ORRERY_FRAMEWORKS=$cache
}
