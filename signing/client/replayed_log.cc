#include "signing/client/replayed_log.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "signing/client/checkpoint_check.h"
#include "signing/log/tile.h"
#include "signing/refusal.h"
#include "signing/replay/catalog.h"
#include "signing/replay/known_log.h"
#include "signing/replay/leaf_judge.h"
#include "signing/replay/replay.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

absl::Status CheckCatalog(const IndexRecord& index,
                          const std::string& catalog) {
  if (index.catalog == Digest::Of(catalog) &&
      index.catalog_bytes == static_cast<int64_t>(catalog.size())) {
    return absl::OkStatus();
  }
  return Refuse(RefusalCode::kIndexMismatch,
                absl::StrCat("the last leaf names the catalog sha256:",
                             index.catalog.Hex(),
                             ", but the leaves give "
                             "sha256:",
                             Digest::Of(catalog).Hex()));
}

// `indexes` are all of the log, in their order, which is also that of time.
absl::Status CheckTimes(const std::vector<IndexEntry>& indexes,
                        const std::optional<ClientState>& stored,
                        int64_t reference) {
  const int64_t skew = absl::ToInt64Seconds(kMaxClockSkew);
  if (indexes.back().unix_seconds - skew > reference) {
    return Refuse(
        RefusalCode::kIndexMismatch,
        absl::StrCat("the last leaf has time ", indexes.back().unix_seconds,
                     ", later than ", reference));
  }
  if (!stored.has_value()) return absl::OkStatus();
  // What is new can be no older: else a record could be given any age.
  const auto first_new =
      std::find_if(indexes.begin(), indexes.end(), [&](const IndexEntry& i) {
        return i.leaf >= static_cast<int64_t>(stored->checkpoint.size);
      });
  const auto before = static_cast<int64_t>(stored->quorum_time);
  if (first_new == indexes.end() || first_new->unix_seconds >= before - skew) {
    return absl::OkStatus();
  }
  return Refuse(RefusalCode::kIndexMismatch,
                absl::StrCat("leaf ", first_new->leaf, " has time ",
                             first_new->unix_seconds,
                             ", before that of the last checkpoint, ", before));
}

absl::Status NoIndexAtTheEnd() {
  return Refuse(RefusalCode::kIndexMissing,
                "the last leaf of the log is no index");
}

// Of the leaf that ends a published log.
absl::Status CheckLastLeaf(const LogState& before, absl::string_view bytes,
                           const std::optional<ClientState>& stored,
                           int64_t reference) {
  const auto leaf = ParseLeaf(bytes);
  if (!leaf.ok() || leaf->record.kind != RecordKind::kIndex) {
    return NoIndexAtTheEnd();
  }
  absl::Status judged = JudgeLeaf(before, *leaf);
  const std::optional<Refusal> refusal = RefusalOf(judged);
  if (refusal.has_value() && refusal->code != RefusalCode::kIndexMismatch) {
    // Void, so that it ends nothing.
    return Refuse(RefusalCode::kIndexMissing,
                  absl::StrCat("the last leaf ", refusal->detail));
  }
  ORRERY_RETURN_IF_ERROR(judged);
  const auto& index = std::get<IndexRecord>(leaf->record.body);
  std::vector<IndexEntry> indexes = before.indexes;
  indexes.push_back({before.size, index.unix_seconds});
  ORRERY_RETURN_IF_ERROR(CheckTimes(indexes, stored, reference));
  return CheckCatalog(index, PrintCatalog(before));
}

// The time that the checkpoint is of, by whoever vouches for it.
int64_t ReferenceTime(const RegistryTrust& trust, const ClientState& accepted,
                      absl::Time now) {
  return trust.tlog_policy.has_quorum()
             ? static_cast<int64_t>(accepted.quorum_time)
             : absl::ToUnixSeconds(now);
}

absl::Status ForEachEntry(uint64_t size, TileReader& leaves,
                          absl::FunctionRef<absl::Status(std::string)> take) {
  for (uint64_t bundle = 0; bundle * kTileWidth < size; ++bundle) {
    ORRERY_ASSIGN_OR_RETURN(std::vector<std::string> entries,
                            leaves.Entries(bundle));
    for (std::string& entry : entries) {
      ORRERY_RETURN_IF_ERROR(take(std::move(entry)));
    }
  }
  return absl::OkStatus();
}

// Those of a log that the client has not read yet.
absl::StatusOr<LogState> ReplayAll(const std::optional<ClientState>& stored,
                                   const Checkpoint& checkpoint,
                                   int64_t reference, TileReader& leaves) {
  Replay replay(checkpoint.origin);
  const auto take = [&](const std::string& entry) -> absl::Status {
    if (static_cast<uint64_t>(replay.state().size) + 1 == checkpoint.size) {
      ORRERY_RETURN_IF_ERROR(
          CheckLastLeaf(replay.state(), entry, stored, reference));
    }
    // A void leaf refuses the packages it names, not the log.
    (void)replay.Append(entry);
    return absl::OkStatus();
  };
  ORRERY_RETURN_IF_ERROR(ForEachEntry(checkpoint.size, leaves, take));
  if (replay.state().size == 0) {
    return Refuse(RefusalCode::kIndexMissing, "the log is empty");
  }
  return std::move(replay).TakeState();
}

absl::StatusOr<LogState> ReadKnown(const std::optional<ClientState>& stored,
                                   const Checkpoint& checkpoint,
                                   int64_t reference, TileReader& leaves) {
  std::vector<std::string> entries;
  entries.reserve(checkpoint.size);
  const auto take = [&](std::string entry) {
    entries.push_back(std::move(entry));
    return absl::OkStatus();
  };
  ORRERY_RETURN_IF_ERROR(ForEachEntry(checkpoint.size, leaves, take));
  LogState state = ReadKnownLog(checkpoint.origin, std::move(entries));
  if (state.indexes.empty() || state.indexes.back().leaf + 1 != state.size) {
    return NoIndexAtTheEnd();
  }
  ORRERY_RETURN_IF_ERROR(CheckTimes(state.indexes, stored, reference));
  return state;
}

}  // namespace

absl::StatusOr<LogState> ReplayLog(const RegistryTrust& trust,
                                   const std::optional<ClientState>& stored,
                                   const ClientState& accepted,
                                   KnownLeaves known, absl::Time now,
                                   TileReader& leaves) {
  const auto read = known == KnownLeaves::kGood ? &ReadKnown : &ReplayAll;
  auto state = read(stored, accepted.checkpoint,
                    ReferenceTime(trust, accepted, now), leaves);
  if (state.ok()) return state;
  return At({.check = 8, .registry = trust.registry.id}, state.status());
}

absl::StatusOr<Leaf> ReadLeaf(int64_t index, TileReader& leaves) {
  ORRERY_ASSIGN_OR_RETURN(const std::string bytes,
                          leaves.Entry(static_cast<uint64_t>(index)));
  return ParseLeaf(bytes);
}

}  // namespace orrery::signing
