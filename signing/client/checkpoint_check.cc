#include "signing/client/checkpoint_check.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "signing/log/checkpoint.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

std::string Shown(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", time, absl::UTCTimeZone());
}

// A cosigner may sign any number.
absl::Time TimeOf(uint64_t unix_seconds) {
  constexpr uint64_t kMax = std::numeric_limits<int64_t>::max();
  return unix_seconds > kMax
             ? absl::InfiniteFuture()
             : absl::FromUnixSeconds(static_cast<int64_t>(unix_seconds));
}

absl::Status CheckAge(const RegistryPolicy& registry, absl::Time quorum_time,
                      absl::Time now, Transport transport,
                      absl::Duration& stale_by) {
  const std::string times =
      absl::StrCat("the quorum vouches for ", Shown(quorum_time),
                   ", your clock says ", Shown(now));
  if (quorum_time > now + kMaxClockSkew) {
    return Refuse(RefusalCode::kLogFuture, times);
  }
  const absl::Duration overrun = now - quorum_time - registry.max_age;
  if (overrun <= absl::ZeroDuration()) return absl::OkStatus();
  stale_by = overrun;
  if (transport == Transport::kOnline) {
    return Refuse(RefusalCode::kLogStale,
                  absl::StrCat(times, "; max-age is ",
                               absl::FormatDuration(registry.max_age)));
  }
  if (overrun <= registry.offline_grace) return absl::OkStatus();
  return Refuse(
      RefusalCode::kBundleStale,
      absl::StrCat(times, "; max-age is ",
                   absl::FormatDuration(registry.max_age), ", offline-grace ",
                   absl::FormatDuration(registry.offline_grace)));
}

absl::Status CheckGoesOn(const ClientState& stored, const ClientState& next,
                         HashReader& hashes) {
  const Checkpoint& old_log = stored.checkpoint;
  const Checkpoint& new_log = next.checkpoint;
  if (new_log.size < old_log.size) {
    return Refuse(RefusalCode::kLogRollback,
                  absl::StrCat("the log has ", new_log.size,
                               " leaves, but had ", old_log.size, " before"));
  }
  Digest root = new_log.root;
  if (new_log.size > old_log.size) {
    ORRERY_ASSIGN_OR_RETURN(root, TreeRoot(old_log.size, hashes));
  }
  if (root == old_log.root) return absl::OkStatus();
  return Refuse(
      RefusalCode::kLogFork,
      absl::StrCat("the first ", old_log.size, " leaves give sha256:",
                   root.Hex(), ", but gave sha256:", old_log.root.Hex(),
                   " before: the log shows different things to different "
                   "people"));
}

}  // namespace

absl::StatusOr<FreshCheckpoint> CheckCheckpoint(const RegistryTrust& trust,
                                                absl::string_view note,
                                                absl::Time now,
                                                Transport transport) {
  auto opened = OpenCheckpoint(note, trust.tlog_policy.log_keys(),
                               trust.tlog_policy.witness_keys());
  const RefusalPlace quorum = {.check = 5, .registry = trust.registry.id};
  if (!opened.ok()) {
    const std::optional<Refusal> refusal = RefusalOf(opened.status());
    const bool is_of_quorum =
        refusal.has_value() && refusal->code == RefusalCode::kLogQuorum;
    return At(is_of_quorum
                  ? quorum
                  : RefusalPlace{.check = 4, .registry = trust.registry.id},
              opened.status());
  }
  FreshCheckpoint fresh;
  fresh.state = {std::move(opened->checkpoint), 0, trust.tlog_policy_digest,
                 std::string(note)};
  if (!trust.tlog_policy.has_quorum()) return fresh;
  const std::optional<uint64_t> time =
      trust.tlog_policy.QuorumTime(opened->cosigner_times);
  if (!time.has_value()) {
    return At(quorum, Refuse(RefusalCode::kLogQuorum,
                             absl::StrCat("too few of the witnesses of ",
                                          trust.registry.tlog_policy_file,
                                          " have cosigned the checkpoint")));
  }
  fresh.state.quorum_time = *time;
  absl::Status age =
      CheckAge(trust.registry, TimeOf(*time), now, transport, fresh.stale_by);
  if (!age.ok()) return At(quorum, std::move(age));
  return fresh;
}

absl::Status CheckAdvance(const RegistryTrust& trust,
                          const std::optional<ClientState>& stored,
                          const ClientState& next, HashReader& hashes) {
  if (!stored.has_value()) return absl::OkStatus();
  absl::Status status = CheckGoesOn(*stored, next, hashes);
  if (status.ok() && trust.tlog_policy.has_quorum() &&
      next.quorum_time < stored->quorum_time) {
    status = Refuse(
        RefusalCode::kLogTime,
        absl::StrCat("the quorum vouches for ", Shown(TimeOf(next.quorum_time)),
                     ", but vouched for ", Shown(TimeOf(stored->quorum_time)),
                     " before"));
  }
  return At({.check = 6, .registry = trust.registry.id}, std::move(status));
}

}  // namespace orrery::signing
