#ifndef SIGNING_REFUSAL_H_
#define SIGNING_REFUSAL_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace orrery::signing {

// Why something is not trusted (spec: trust.md §14.2). The names are stable.
enum class RefusalCode {
  // Trust files.
  kTrustSyntax,
  kTrustSignature,
  kTrustVersion,
  kTrustRollback,
  kTrustExpired,
  kTrustHash,
  kTrustSize,
  kTrustClient,
  // Log.
  kLogSyntax,
  kLogOrigin,
  kLogSignature,
  kLogQuorum,
  kLogFuture,
  kLogStale,
  kLogTime,
  kLogRollback,
  kLogFork,
  kLogInclusion,
  kLogTile,
  kLogUnavailable,
  kIndexMissing,
  kIndexDigest,
  kIndexMismatch,
  // Record.
  kRecordSyntax,
  kRecordOrigin,
  kRecordChain,
  kRecordFork,
  kRecordKeyset,
  kRecordThreshold,
  kRecordSignature,
  kRecordNamespace,
  kRecordKeyWeak,
  kRecordRevoked,
  kRecordRevision,
  kRecordEvidence,
  // Policy, name, version.
  kPolicySyntax,
  kNameRouted,
  kNameUnbound,
  kNameReserved,
  kNameDenied,
  kNameHeld,
  kVersionAbsent,
  kVersionYanked,
  kVersionWithdrawn,
  kVersionRevised,
  kVersionSource,
  kVersionRollback,
  kVersionYoung,
  // Content.
  kContentSize,
  kContentDigest,
  kContentTree,
  kContentPath,
  kContentUnlisted,
  kContentIdentity,
  // Plan.
  kPlanDeps,
  kPlanUnpinned,
  kPlanDigest,
  kPlanApproval,
  // Bundle.
  kBundleManifest,
  kBundleStale,
  kBundleGap,
  // Git ingest.
  kGitRewrite,
  kGitImmutable,
  kGitSource,
  kGitUrl,
  kGitObject,
  kGitGate,
  kGitUnsigned,
  kGitUnauthorised,
  // Local state.
  kStateWrite,
  kStateCorrupt,
  kStateLock,
};

// "log.fork".
absl::string_view RefusalName(RefusalCode code);
std::optional<RefusalCode> ParseRefusalName(absl::string_view name);

// The exit status of the code's group: 10 to 17, or 20.
int ExitStatus(RefusalCode code);

// What a refusal speaks of, as far as it is known. Absent: empty text, nullopt.
struct RefusalPlace {
  std::string file = {};
  std::optional<int64_t> line = {};   // from 1
  std::string pointer = {};           // RFC 6901, into a JSON file
  std::optional<int64_t> check = {};  // step of trust.md §14.1
  std::string registry = {};
  std::string package = {};
  std::optional<int64_t> release = {};
  std::optional<int64_t> revision = {};
  std::optional<int64_t> leaf = {};  // index in the log
  std::string evidence = {};         // directory of stored evidence

  bool operator==(const RefusalPlace&) const = default;
};

struct Refusal {
  RefusalCode code;
  std::string detail;
  RefusalPlace place;
};

// A refusal travels as a status whose payload names code and place; its
// message is the detail. Its status code is kInvalidArgument for a ….syntax,
// kUnavailable where trying again may help, else kFailedPrecondition.
absl::Status Refuse(RefusalCode code, absl::string_view detail);

// `status` as a refusal with this code. What is ok, or is a refusal already,
// stays as it is.
absl::Status RefuseAs(RefusalCode code, absl::Status status);

// `status` with those members of `place` that it does not have yet: the
// innermost caller, who knows best, wins. What is no refusal stays as it is.
absl::Status At(const RefusalPlace& place, absl::Status status);

// nullopt for what is no refusal: ok, transport, our own bugs.
std::optional<Refusal> RefusalOf(const absl::Status& status);

}  // namespace orrery::signing

#endif  // SIGNING_REFUSAL_H_
