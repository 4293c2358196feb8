#include "catalog/verify/registry_view.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "catalog/verify/state_directory.h"
#include "signing/client_state.h"
#include "signing/note.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;

class Refresher {
 public:
  Refresher(const TrustedRegistry& registry, const FileCache& cache,
            const RefreshOptions& options, StateDirectory& state)
      : registry_(registry), cache_(cache), options_(options), state_(state) {}

  absl::StatusOr<RegistryView> FromPlace(FileTree& place) {
    auto note = place.Read("log/checkpoint", signing::kMaxNoteBytes);
    if (absl::IsResourceExhausted(note.status())) {
      return signing::At(
          {.check = 4, .registry = registry_.trust.registry.id},
          signing::RefuseAs(RefusalCode::kLogSyntax, note.status()));
    }
    if (!note.ok()) return note.status();
    return From({place.name(), *std::move(note), transport()}, &place);
  }

  absl::StatusOr<RegistryView> FromCache() {
    ORRERY_ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                            state_.Read());
    if (!bytes.has_value()) return NotCached("");
    ORRERY_ASSIGN_OR_RETURN(
        const signing::ClientState stored,
        signing::ParseClientState(*bytes,
                                  registry_.trust.tlog_policy.log_keys()));
    auto view = From({"", stored.note, transport()}, nullptr);
    if (view.ok() || signing::RefusalOf(view.status()).has_value()) {
      return view;
    }
    return NotCached(absl::StrCat(
        " (last refreshed ",
        absl::FormatTime(
            "%Y-%m-%d %H:%M:%S UTC",
            absl::FromUnixSeconds(static_cast<int64_t>(stored.quorum_time)),
            absl::UTCTimeZone()),
        ")"));
  }

 private:
  signing::Transport transport() const {
    return options_.is_offline ? signing::Transport::kOffline
                               : signing::Transport::kOnline;
  }

  absl::StatusOr<RegistryView> From(const signing::OfferedLog& offered,
                                    FileTree* place) {
    auto tiles = std::make_unique<CachedTiles>(
        registry_.trust.tlog_policy.log_keys().front().name(), place, cache_);
    auto log = signing::RefreshLog(registry_.trust, offered, options_.now,
                                   *tiles, state_);
    if (!log.ok() && tiles->has_used_cache() && IsTileFault(log.status())) {
      // The cache is no better than any mirror.
      tiles->PassOverCache();
      log = signing::RefreshLog(registry_.trust, offered, options_.now, *tiles,
                                state_);
    }
    if (!log.ok()) return log.status();
    tiles->Keep();
    return RegistryView{std::move(tiles), *std::move(log), offered.url};
  }

  static bool IsTileFault(const absl::Status& status) {
    const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
    return refusal.has_value() && refusal->code == RefusalCode::kLogTile;
  }

  absl::Status NotCached(absl::string_view when) const {
    return signing::Refuse(
        RefusalCode::kLogUnavailable,
        absl::StrCat("registry ", registry_.trust.registry.id,
                     " is not in the offline cache", when,
                     ": run the command once without --offline"));
  }

  const TrustedRegistry& registry_;
  const FileCache& cache_;
  const RefreshOptions& options_;
  StateDirectory& state_;
};

}  // namespace

absl::StatusOr<RegistryView> RefreshRegistry(const TrustedRegistry& registry,
                                             PlaceList& places,
                                             const FileCache& cache,
                                             const RefreshOptions& options) {
  const std::string& id = registry.trust.registry.id;
  const auto at = [&](absl::Status status) {
    return signing::At({.registry = id}, std::move(status));
  };
  auto state =
      StateDirectory::Lock(registry.state_directory, options.lock_timeout);
  if (!state.ok()) return signing::At({.check = 3}, at(state.status()));
  Refresher refresher(registry, cache, options, **state);
  PlaceFailures failures;
  const std::vector<FileTree*> usable = places.usable();
  for (FileTree* const place : usable) {
    auto view = refresher.FromPlace(*place);
    if (!view.ok() && !signing::RefusalOf(view.status()).has_value() &&
        absl::IsNotFound(view.status())) {
      // What is published meanwhile is seen in halves.
      view = refresher.FromPlace(*place);
    }
    if (view.ok()) return view;
    places.Learn(*place, view.status());
    if (!failures.Add(*place, view.status())) return at(view.status());
  }
  if (options.is_offline) {
    auto view = refresher.FromCache();
    if (view.ok()) return view;
    // What a directory said is closer to what is wrong.
    const absl::Status status = failures.Result("");
    const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
    return at(refusal->code == RefusalCode::kLogUnavailable ? view.status()
                                                            : status);
  }
  return at(failures.Result(absl::StrCat("the log of registry ", id)));
}

}  // namespace orrery::catalog
