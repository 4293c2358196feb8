// The leaves of a log, split at NULs: whatever they are, each counts, is void
// or not, and the catalog is the same when they are replayed again; also, if
// none is void, when the packages are read one by one.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

#include "signing/refusal.h"
#include "signing/replay/catalog.h"
#include "signing/replay/known_log.h"
#include "signing/replay/log_state.h"
#include "signing/replay/replay.h"

namespace {

using orrery::signing::LogState;
using orrery::signing::Replay;

LogState StateAfter(absl::string_view input) {
  Replay replay("registry.example/main");
  for (const absl::string_view leaf : absl::StrSplit(input, '\0')) {
    const size_t voids = replay.state().void_leaves.size();
    const absl::Status status = replay.Append(leaf);
    if (!status.ok() && !orrery::signing::RefusalOf(status).has_value()) {
      std::abort();
    }
    if (replay.state().void_leaves.size() != voids + (status.ok() ? 0 : 1)) {
      std::abort();
    }
  }
  return replay.state();
}

// By whoever knows that no leaf is void, and asks for one package at a time.
LogState KnownState(absl::string_view input, const LogState& replayed) {
  LogState known = orrery::signing::ReadKnownLog(replayed.origin,
                                                 absl::StrSplit(input, '\0'));
  for (const auto& [name, package] : replayed.packages) {
    (void)orrery::signing::FindPackage(known, name);
  }
  return known;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const LogState state = StateAfter(input);
  const std::string catalog = orrery::signing::PrintCatalog(state);
  if (catalog != orrery::signing::PrintCatalog(StateAfter(input))) {
    std::abort();
  }
  if (state.void_leaves.empty() &&
      catalog != orrery::signing::PrintCatalog(KnownState(input, state))) {
    std::abort();
  }
  return 0;
}
