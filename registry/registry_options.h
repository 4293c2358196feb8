#ifndef REGISTRY_REGISTRY_OPTIONS_H_
#define REGISTRY_REGISTRY_OPTIONS_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "registry/git/git_remote.h"
#include "registry/source/source_follower.h"

namespace orrery::registry {

// What a registry is told when it is opened.
struct RegistryOptions {
  // Holds `index.db`, `log.db`, `keys/` and `clones/`.
  std::string data_dir;
  // Whether paths, `file://`, plain `http://` and loopback hosts may be
  // followed.
  bool allow_local_sources = true;
  // Found on PATH unless it has a slash.
  std::string git_program = "git";
  absl::Duration poll_interval = absl::Minutes(5);
  // A remote from which nothing useful came for so long is given up.
  absl::Duration stall_limit = absl::Seconds(60);
  // Of the pack that one fetch brings.
  uint64_t max_fetch_bytes = kMaxFetchBytes;
  // As RegistryLog::Options.
  std::string log_origin;
  std::string host = "localhost";
  std::string checkpoint_witness;
  bool read_only = false;
  // False gives up the fsync of index and log, for tests.
  bool durable = true;
  std::function<absl::Time()> now = absl::Now;
  SyncObserver observer = [](absl::string_view, absl::Duration, bool) {};
};

}  // namespace orrery::registry

#endif  // REGISTRY_REGISTRY_OPTIONS_H_
