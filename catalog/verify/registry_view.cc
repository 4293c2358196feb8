#include "catalog/verify/registry_view.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "catalog/verify/state_directory.h"
#include "signing/client/checkpoint_check.h"
#include "signing/client/client_state.h"
#include "signing/log/note.h"
#include "signing/log/vkey.h"
#include "signing/policy/tlog_policy.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;

// Of foreign text in a message.
constexpr size_t kMaxTold = 4;
constexpr size_t kMaxName = 128;

class Refresher {
 public:
  Refresher(const TrustedRegistry& registry, const FileCache& cache,
            const RefreshOptions& options)
      : registry_(registry), cache_(cache), options_(options) {}

  // Step 3, before anybody is asked.
  absl::StatusOr<std::optional<signing::ClientState>> ReadState() {
    ORRERY_ASSIGN_OR_RETURN(const auto state, Lock());
    ORRERY_ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                            state->Read());
    if (!bytes.has_value()) return std::optional<signing::ClientState>();
    ORRERY_ASSIGN_OR_RETURN(
        signing::ClientState stored,
        signing::ParseClientState(*bytes,
                                  registry_.trust.tlog_policy.log_keys()));
    return std::optional<signing::ClientState>(std::move(stored));
  }

  absl::StatusOr<RegistryView> FromPlace(FileTree& place) {
    auto note = place.Read("log/checkpoint", signing::kMaxNoteBytes);
    if (absl::IsResourceExhausted(note.status())) {
      return signing::At(
          {.check = 4, .registry = registry_.trust.registry.id},
          signing::RefuseAs(RefusalCode::kLogSyntax, note.status()));
    }
    if (!note.ok()) return note.status();
    auto view = From({place.name(), *note, transport()}, &place);
    if (view.ok()) return view;
    return Explain(view.status(), place, *note);
  }

  absl::StatusOr<RegistryView> FromCache(
      const std::optional<signing::ClientState>& stored) {
    if (!stored.has_value()) return NotCached("");
    auto view = From({"", stored->note, transport()}, nullptr);
    if (view.ok() || signing::RefusalOf(view.status()).has_value()) {
      return view;
    }
    return NotCached(absl::StrCat(
        " (last refreshed ",
        absl::FormatTime(
            "%Y-%m-%d %H:%M:%S UTC",
            absl::FromUnixSeconds(static_cast<int64_t>(stored->quorum_time)),
            absl::UTCTimeZone()),
        ")"));
  }

 private:
  signing::Transport transport() const {
    return options_.is_offline ? signing::Transport::kOffline
                               : signing::Transport::kOnline;
  }

  absl::StatusOr<std::unique_ptr<StateDirectory>> Lock() const {
    auto state =
        StateDirectory::Lock(registry_.state_directory, options_.lock_timeout);
    if (state.ok()) return state;
    return signing::At({.check = 3}, state.status());
  }

  absl::StatusOr<RegistryView> From(const signing::OfferedLog& offered,
                                    FileTree* place) {
    auto tiles = std::make_unique<CachedTiles>(
        registry_.trust.tlog_policy.log_keys().front().name(), place, cache_);
    ORRERY_ASSIGN_OR_RETURN(
        const signing::FreshCheckpoint fresh,
        signing::CheckCheckpoint(registry_.trust, offered.note, options_.now,
                                 offered.transport));
    if (place != nullptr) tiles->Prefetch(fresh.state.checkpoint.size);
    ORRERY_ASSIGN_OR_RETURN(const auto state, Lock());
    auto log = signing::RefreshLog(registry_.trust, offered, options_.now,
                                   *tiles, *state);
    if (!log.ok() && tiles->has_used_cache() && IsTileFault(log.status())) {
      // The cache is no better than any mirror.
      tiles->PassOverCache();
      log = signing::RefreshLog(registry_.trust, offered, options_.now, *tiles,
                                *state);
    }
    if (!log.ok()) return log.status();
    tiles->Keep();
    if (log->is_first_use) {
      // Nothing of it is news.
      ORRERY_RETURN_IF_ERROR(
          state->WriteTold(static_cast<int64_t>(log->state.checkpoint.size)));
    }
    const int64_t told = state->ReadTold().value_or(log->known_leaves);
    return RegistryView{std::move(tiles), *std::move(log), offered.url, told};
  }

  static bool IsTileFault(const absl::Status& status) {
    const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
    return refusal.has_value() && refusal->code == RefusalCode::kLogTile;
  }

  // Who was asked; and of a note that is not by whom the operator believes, by
  // whom it is.
  absl::Status Explain(absl::Status status, const FileTree& place,
                       absl::string_view note) const {
    const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
    if (!refusal.has_value() || refusal->code == RefusalCode::kStateCorrupt ||
        refusal->code == RefusalCode::kStateWrite ||
        refusal->code == RefusalCode::kStateLock) {
      return status;
    }
    std::string detail =
        absl::StrCat(refusal->detail, "; read at ", place.name());
    signing::RefusalPlace where = refusal->place;
    if (refusal->code == RefusalCode::kLogOrigin ||
        refusal->code == RefusalCode::kLogSignature ||
        refusal->code == RefusalCode::kLogQuorum) {
      const signing::RegistryPolicy& policy = registry_.trust.registry;
      absl::StrAppend(&detail, ", signed by ", SignersOf(note),
                      "; expected: ", ExpectedSigners(),
                      "; if its operator says that the keys are others "
                      "now, `orrery policy init ",
                      policy.url, "` fetches them into a new policy");
      where.file = policy.tlog_policy_file;
    }
    return signing::At(where, signing::Refuse(refusal->code, detail));
  }

  std::string ExpectedSigners() const {
    const signing::TlogPolicy& policy = registry_.trust.tlog_policy;
    std::vector<std::string> names;
    for (const auto* keys : {&policy.log_keys(), &policy.witness_keys()}) {
      for (const signing::Vkey& key : *keys) {
        names.push_back(SignerName(key.name(), key.id()));
      }
    }
    return absl::StrJoin(names, ", ");
  }

  static std::string SignersOf(absl::string_view bytes) {
    const auto note = signing::ParseNote(bytes);
    if (!note.ok()) return "nobody";
    std::vector<std::string> names;
    for (const signing::NoteSignature& signature : note->signatures) {
      // Anybody may have written them.
      if (names.size() == kMaxTold || signature.key_name.size() > kMaxName) {
        names.emplace_back("others");
        break;
      }
      names.push_back(SignerName(signature.key_name, signature.key_id));
    }
    return absl::StrJoin(names, ", ");
  }

  static std::string SignerName(absl::string_view name, uint32_t id) {
    return absl::StrCat(name, "+", absl::Hex(id, absl::kZeroPad8));
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
};

// What may be otherwise at once: what is published meanwhile is seen in halves,
// and another command may have stored a later checkpoint than the one that was
// fetched before.
bool MayBePassing(const absl::Status& status) {
  const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
  if (!refusal.has_value()) return absl::IsNotFound(status);
  return refusal->code == RefusalCode::kLogRollback ||
         refusal->code == RefusalCode::kLogTime;
}

bool CannotBeRead(const absl::Status& status) {
  const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
  return refusal.has_value() && refusal->code == RefusalCode::kLogUnavailable;
}

}  // namespace

absl::StatusOr<RegistryView> RefreshRegistry(const TrustedRegistry& registry,
                                             PlaceList& places,
                                             const FileCache& cache,
                                             const RefreshOptions& options) {
  const std::string& id = registry.trust.registry.id;
  const auto at = [&](absl::Status status) {
    const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
    const bool is_of_state = refusal.has_value() &&
                             signing::ExitStatus(refusal->code) ==
                                 signing::ExitStatus(RefusalCode::kStateWrite);
    return signing::At(
        {.file = is_of_state ? registry.state_directory : "", .registry = id},
        std::move(status));
  };
  Refresher refresher(registry, cache, options);
  const auto stored = refresher.ReadState();
  if (!stored.ok()) return signing::At({.check = 3}, at(stored.status()));
  const std::string subject = absl::StrCat("the log of registry ", id);
  PlaceFailures failures;
  const std::vector<FileTree*> usable = places.usable();
  for (FileTree* const place : usable) {
    auto view = refresher.FromPlace(*place);
    if (!view.ok() && MayBePassing(view.status())) {
      view = refresher.FromPlace(*place);
    }
    if (view.ok()) return view;
    places.Learn(*place, view.status());
    if (!failures.Add(*place, view.status())) return at(view.status());
  }
  if (options.is_offline && options.takes_stored) {
    auto view = refresher.FromCache(*stored);
    if (!view.ok() && MayBePassing(view.status())) {
      const auto later = refresher.ReadState();
      if (later.ok()) view = refresher.FromCache(*later);
    }
    if (view.ok()) return view;
    const absl::Status said = failures.Result(subject);
    // What a directory said is closer to what is wrong.
    if (!CannotBeRead(said)) return at(said);
    if (usable.empty() || !CannotBeRead(view.status())) {
      return at(view.status());
    }
    return at(signing::Refuse(
        RefusalCode::kLogUnavailable,
        absl::StrCat(said.message(), "; ", view.status().message())));
  }
  return at(failures.Result(subject));
}

}  // namespace orrery::catalog
