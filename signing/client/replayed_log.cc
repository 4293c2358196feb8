#include "signing/client/replayed_log.h"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "signing/client/checkpoint_check.h"
#include "signing/log/tile.h"
#include "signing/refusal.h"
#include "signing/replay/catalog.h"
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

// Of the leaf that ends a published log.
absl::Status CheckLastLeaf(const LogState& before, absl::string_view bytes,
                           const std::string& catalog,
                           const std::optional<ClientState>& stored,
                           int64_t reference) {
  const auto leaf = ParseLeaf(bytes);
  if (!leaf.ok() || leaf->record.kind != RecordKind::kIndex) {
    return Refuse(RefusalCode::kIndexMissing,
                  "the last leaf of the log is no index");
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
  return CheckCatalog(index, catalog);
}

// The time that the checkpoint is of, by whoever vouches for it.
int64_t ReferenceTime(const RegistryTrust& trust, const ClientState& accepted,
                      absl::Time now) {
  return trust.tlog_policy.has_quorum()
             ? static_cast<int64_t>(accepted.quorum_time)
             : absl::ToUnixSeconds(now);
}

}  // namespace

absl::StatusOr<ReplayedLog> ReplayLog(const RegistryTrust& trust,
                                      const std::optional<ClientState>& stored,
                                      const ClientState& accepted,
                                      absl::Time now, TileReader& leaves) {
  const RefusalPlace place = {.check = 8, .registry = trust.registry.id};
  Replay replay(accepted.checkpoint.origin);
  ReplayedLog log;
  std::string last;
  const uint64_t size = accepted.checkpoint.size;
  for (uint64_t bundle = 0; bundle * kTileWidth < size; ++bundle) {
    auto entries = leaves.Entries(bundle);
    if (!entries.ok()) return At(place, entries.status());
    for (std::string& entry : *entries) {
      const bool is_last =
          static_cast<uint64_t>(replay.state().size) + 1 == size;
      if (is_last) {
        log.catalog = PrintCatalog(replay.state());
        absl::Status status =
            CheckLastLeaf(replay.state(), entry, log.catalog, stored,
                          ReferenceTime(trust, accepted, now));
        if (!status.ok()) return At(place, std::move(status));
      }
      // A void leaf refuses the packages it names, not the log.
      (void)replay.Append(entry);
    }
  }
  if (replay.state().size == 0) {
    return At(place, Refuse(RefusalCode::kIndexMissing, "the log is empty"));
  }
  log.state = std::move(replay).TakeState();
  return log;
}

absl::StatusOr<Leaf> ReadLeaf(int64_t index, TileReader& leaves) {
  ORRERY_ASSIGN_OR_RETURN(const std::string bytes,
                          leaves.Entry(static_cast<uint64_t>(index)));
  return ParseLeaf(bytes);
}

}  // namespace orrery::signing
