#include "signing/client/refresh.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "signing/log/merkle.h"
#include "signing/refusal.h"
#include "signing/replay/replay.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

absl::StatusOr<std::optional<ClientState>> ParseStored(
    const RegistryTrust& trust,
    const absl::StatusOr<std::optional<std::string>>& bytes) {
  const RefusalPlace place = {.check = 3, .registry = trust.registry.id};
  if (!bytes.ok()) return At(place, bytes.status());
  if (!bytes->has_value()) return std::optional<ClientState>();
  auto stored = ParseClientState(**bytes, trust.tlog_policy.log_keys());
  if (!stored.ok()) return At(place, stored.status());
  return std::optional<ClientState>(*std::move(stored));
}

// Keeps both notes of a fork; anything else passes.
absl::Status KeepFork(absl::Status status, const RegistryTrust& trust,
                      const ClientState& stored, const OfferedLog& offered,
                      absl::Time now, ClientStateStore& store) {
  const std::optional<Refusal> refusal = RefusalOf(status);
  if (!refusal.has_value() || refusal->code != RefusalCode::kLogFork) {
    return status;
  }
  const ForkEvidence evidence = CheckpointFork(
      stored.note, offered.note, {},
      {trust.registry.id, stored.checkpoint.origin, offered.url,
       static_cast<uint64_t>(absl::ToUnixSeconds(now)), /*check=*/6});
  // The fork is what must be told, whether or not it could be kept.
  if (store.Keep(evidence).ok()) {
    return At({.evidence = evidence.directory}, std::move(status));
  }
  return status;
}

// What is stored of a log that was replayed and has no void leaf. Whoever finds
// these very bytes need not judge it again.
std::string SoundnessOf(const Checkpoint& checkpoint) {
  return absl::StrCat("orrery/sound/v1\nrules ", kReplayRules, "\norigin ",
                      checkpoint.origin, "\nsize ", checkpoint.size,
                      "\nroot sha256:", checkpoint.root.Hex(), "\n");
}

// Asks for tiles only when they are needed: what two checkpoints alone can tell
// of each other must not hang on whoever serves the tiles.
class TilesOnDemand final : public HashReader {
 public:
  TilesOnDemand(const Checkpoint& checkpoint, TileSource& tiles)
      : checkpoint_(checkpoint), tiles_(tiles) {}

  absl::StatusOr<Digest> Subtree(int level, uint64_t index) override {
    ORRERY_RETURN_IF_ERROR(Open());
    return reader_->Subtree(level, index);
  }

  absl::Status Open() {
    if (reader_.has_value()) return absl::OkStatus();
    ORRERY_ASSIGN_OR_RETURN(
        reader_, TileReader::Open(checkpoint_.size, checkpoint_.root, tiles_));
    return absl::OkStatus();
  }
  // Requires: Open() was good.
  TileReader& reader() { return *reader_; }

 private:
  const Checkpoint checkpoint_;
  TileSource& tiles_;
  std::optional<TileReader> reader_;
};

}  // namespace

absl::StatusOr<RefreshedLog> RefreshLog(const RegistryTrust& trust,
                                        const OfferedLog& offered,
                                        absl::Time now, TileSource& tiles,
                                        ClientStateStore& store) {
  ORRERY_ASSIGN_OR_RETURN(const std::optional<ClientState> stored,
                          ParseStored(trust, store.Read()));
  ORRERY_ASSIGN_OR_RETURN(const std::optional<ClientState> replayed,
                          ParseStored(trust, store.ReadReplayed()));
  ORRERY_ASSIGN_OR_RETURN(
      FreshCheckpoint fresh,
      CheckCheckpoint(trust, offered.note, now, offered.transport));
  TilesOnDemand leaves(fresh.state.checkpoint, tiles);
  absl::Status advance = CheckAdvance(trust, stored, fresh.state, leaves);
  if (!advance.ok()) {
    return KeepFork(std::move(advance), trust, *stored, offered, now, store);
  }
  if (stored != fresh.state) {
    ORRERY_RETURN_IF_ERROR(At({.check = 7, .registry = trust.registry.id},
                              store.Write(FormatClientState(fresh.state))));
  }
  ORRERY_RETURN_IF_ERROR(
      At({.check = 8, .registry = trust.registry.id}, leaves.Open()));
  const std::string soundness = SoundnessOf(fresh.state.checkpoint);
  const KnownLeaves known =
      store.ReadSound() == soundness ? KnownLeaves::kGood : KnownLeaves::kNone;
  ORRERY_ASSIGN_OR_RETURN(LogState log, ReplayLog(trust, replayed, fresh.state,
                                                  known, now, leaves.reader()));
  if (replayed != fresh.state) {
    ORRERY_RETURN_IF_ERROR(
        At({.check = 8, .registry = trust.registry.id},
           store.WriteReplayed(FormatClientState(fresh.state))));
  }
  if (known == KnownLeaves::kNone && log.void_leaves.empty()) {
    ORRERY_RETURN_IF_ERROR(At({.check = 8, .registry = trust.registry.id},
                              store.WriteSound(soundness)));
  }
  return RefreshedLog{std::move(fresh.state),
                      !replayed.has_value(),
                      replayed.has_value()
                          ? static_cast<int64_t>(replayed->checkpoint.size)
                          : 0,
                      fresh.stale_by,
                      std::move(log),
                      std::move(leaves.reader())};
}

absl::StatusOr<ForkEvidence> EvidenceOf(const VoidLeaf& leaf,
                                        RefreshedLog& refreshed,
                                        const ForkReport& report) {
  ORRERY_ASSIGN_OR_RETURN(
      const std::string first,
      refreshed.leaves.Entry(static_cast<uint64_t>(*leaf.contradicted)));
  ORRERY_ASSIGN_OR_RETURN(
      const std::string second,
      refreshed.leaves.Entry(static_cast<uint64_t>(leaf.leaf)));
  return RecordFork(first, second, refreshed.state.note, report);
}

bool MayTryNextMirror(const absl::Status& status) {
  const std::optional<Refusal> refusal = RefusalOf(status);
  if (!refusal.has_value()) return true;
  switch (refusal->code) {
    case RefusalCode::kLogSyntax:
    case RefusalCode::kLogSignature:
    case RefusalCode::kLogOrigin:
    case RefusalCode::kLogQuorum:
    case RefusalCode::kLogFuture:
    case RefusalCode::kLogStale:
    case RefusalCode::kBundleStale:
    case RefusalCode::kLogTime:
    case RefusalCode::kLogRollback:
    case RefusalCode::kLogTile:
    case RefusalCode::kLogInclusion:
    case RefusalCode::kIndexMissing:
    case RefusalCode::kIndexDigest:
    case RefusalCode::kIndexMismatch:
    case RefusalCode::kContentSize:
    case RefusalCode::kContentDigest:
      return true;
    default:
      return false;
  }
}

}  // namespace orrery::signing
