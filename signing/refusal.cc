#include "signing/refusal.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace orrery::signing {
namespace {

struct Row {
  RefusalCode code;
  absl::string_view name;
  int exit_status;
};

// In the order of the enumeration: a code is the index of its row.
constexpr Row kRows[] = {
    {RefusalCode::kTrustSyntax, "trust.syntax", 10},
    {RefusalCode::kTrustSignature, "trust.signature", 10},
    {RefusalCode::kTrustVersion, "trust.version", 10},
    {RefusalCode::kTrustRollback, "trust.rollback", 10},
    {RefusalCode::kTrustExpired, "trust.expired", 10},
    {RefusalCode::kTrustHash, "trust.hash", 10},
    {RefusalCode::kTrustSize, "trust.size", 10},
    {RefusalCode::kTrustClient, "trust.client", 10},
    {RefusalCode::kLogSyntax, "log.syntax", 11},
    {RefusalCode::kLogOrigin, "log.origin", 11},
    {RefusalCode::kLogSignature, "log.signature", 11},
    {RefusalCode::kLogQuorum, "log.quorum", 11},
    {RefusalCode::kLogFuture, "log.future", 11},
    {RefusalCode::kLogStale, "log.stale", 11},
    {RefusalCode::kLogTime, "log.time", 11},
    {RefusalCode::kLogRollback, "log.rollback", 11},
    {RefusalCode::kLogFork, "log.fork", 11},
    {RefusalCode::kLogInclusion, "log.inclusion", 11},
    {RefusalCode::kLogTile, "log.tile", 11},
    {RefusalCode::kLogUnavailable, "log.unavailable", 11},
    {RefusalCode::kIndexMissing, "index.missing", 11},
    {RefusalCode::kIndexDigest, "index.digest", 11},
    {RefusalCode::kIndexMismatch, "index.mismatch", 11},
    {RefusalCode::kRecordSyntax, "record.syntax", 12},
    {RefusalCode::kRecordOrigin, "record.origin", 12},
    {RefusalCode::kRecordChain, "record.chain", 12},
    {RefusalCode::kRecordFork, "record.fork", 12},
    {RefusalCode::kRecordKeyset, "record.keyset", 12},
    {RefusalCode::kRecordThreshold, "record.threshold", 12},
    {RefusalCode::kRecordSignature, "record.signature", 12},
    {RefusalCode::kRecordNamespace, "record.namespace", 12},
    {RefusalCode::kRecordKeyWeak, "record.key.weak", 12},
    {RefusalCode::kRecordRevoked, "record.revoked", 12},
    {RefusalCode::kRecordRevision, "record.revision", 12},
    {RefusalCode::kRecordEvidence, "record.evidence", 12},
    {RefusalCode::kPolicySyntax, "policy.syntax", 13},
    {RefusalCode::kNameRouted, "name.routed", 13},
    {RefusalCode::kNameUnbound, "name.unbound", 13},
    {RefusalCode::kNameReserved, "name.reserved", 13},
    {RefusalCode::kNameDenied, "name.denied", 13},
    {RefusalCode::kNameHeld, "name.held", 13},
    {RefusalCode::kVersionAbsent, "version.absent", 13},
    {RefusalCode::kVersionYanked, "version.yanked", 13},
    {RefusalCode::kVersionWithdrawn, "version.withdrawn", 13},
    {RefusalCode::kVersionRevised, "version.revised", 13},
    {RefusalCode::kVersionSource, "version.source", 13},
    {RefusalCode::kVersionRollback, "version.rollback", 13},
    {RefusalCode::kVersionYoung, "version.young", 13},
    {RefusalCode::kContentSize, "content.size", 14},
    {RefusalCode::kContentDigest, "content.digest", 14},
    {RefusalCode::kContentTree, "content.tree", 14},
    {RefusalCode::kContentPath, "content.path", 14},
    {RefusalCode::kContentUnlisted, "content.unlisted", 14},
    {RefusalCode::kContentIdentity, "content.identity", 14},
    {RefusalCode::kPlanDeps, "plan.deps", 15},
    {RefusalCode::kPlanUnpinned, "plan.unpinned", 15},
    {RefusalCode::kPlanDigest, "plan.digest", 15},
    {RefusalCode::kPlanApproval, "plan.approval", 15},
    {RefusalCode::kBundleManifest, "bundle.manifest", 16},
    {RefusalCode::kBundleStale, "bundle.stale", 16},
    {RefusalCode::kBundleGap, "bundle.gap", 16},
    {RefusalCode::kGitRewrite, "git.rewrite", 17},
    {RefusalCode::kGitImmutable, "git.immutable", 17},
    {RefusalCode::kGitSource, "git.source", 17},
    {RefusalCode::kGitUrl, "git.url", 17},
    {RefusalCode::kGitObject, "git.object", 17},
    {RefusalCode::kGitGate, "git.gate", 17},
    {RefusalCode::kGitUnsigned, "git.unsigned", 17},
    {RefusalCode::kGitUnauthorised, "git.unauthorised", 17},
    {RefusalCode::kStateWrite, "state.write", 20},
    {RefusalCode::kStateCorrupt, "state.corrupt", 20},
    {RefusalCode::kStateLock, "state.lock", 20},
};

constexpr bool IsOrdered() {
  for (size_t i = 0; i < std::size(kRows); ++i) {
    if (static_cast<size_t>(kRows[i].code) != i) return false;
  }
  return std::size(kRows) == static_cast<size_t>(RefusalCode::kStateLock) + 1;
}
static_assert(IsOrdered());

constexpr absl::string_view kPayload = "orrery/refusal";

struct TextMember {
  absl::string_view name;
  std::string RefusalPlace::*member;
};
constexpr TextMember kTexts[] = {
    {"file", &RefusalPlace::file},         {"pointer", &RefusalPlace::pointer},
    {"registry", &RefusalPlace::registry}, {"package", &RefusalPlace::package},
    {"evidence", &RefusalPlace::evidence},
};

struct NumberMember {
  absl::string_view name;
  std::optional<int64_t> RefusalPlace::*member;
};
constexpr NumberMember kNumbers[] = {
    {"line", &RefusalPlace::line},       {"check", &RefusalPlace::check},
    {"release", &RefusalPlace::release}, {"revision", &RefusalPlace::revision},
    {"leaf", &RefusalPlace::leaf},
};

absl::StatusCode StatusCodeOf(RefusalCode code) {
  switch (code) {
    case RefusalCode::kTrustSyntax:
    case RefusalCode::kLogSyntax:
    case RefusalCode::kRecordSyntax:
    case RefusalCode::kPolicySyntax:
      return absl::StatusCode::kInvalidArgument;
    case RefusalCode::kLogUnavailable:
    case RefusalCode::kStateLock:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kFailedPrecondition;
  }
}

// Lines "member value": the name of the code first, texts C-escaped.
absl::Cord Encode(RefusalCode code, const RefusalPlace& place) {
  std::string text = absl::StrCat(RefusalName(code), "\n");
  for (const auto& [name, member] : kTexts) {
    if ((place.*member).empty()) continue;
    absl::StrAppend(&text, name, " ", absl::CEscape(place.*member), "\n");
  }
  for (const auto& [name, member] : kNumbers) {
    if (!(place.*member)) continue;
    absl::StrAppend(&text, name, " ", *(place.*member), "\n");
  }
  return absl::Cord(text);
}

void ReadMember(absl::string_view name, absl::string_view value,
                RefusalPlace& place) {
  for (const auto& [known, member] : kTexts) {
    if (name == known) absl::CUnescape(value, &(place.*member));
  }
  for (const auto& [known, member] : kNumbers) {
    int64_t number = 0;
    if (name == known && absl::SimpleAtoi(value, &number)) {
      place.*member = number;
    }
  }
}

}  // namespace

absl::string_view RefusalName(RefusalCode code) {
  return kRows[static_cast<size_t>(code)].name;
}

std::optional<RefusalCode> ParseRefusalName(absl::string_view name) {
  const auto row =
      std::find_if(std::begin(kRows), std::end(kRows),
                   [&](const Row& other) { return other.name == name; });
  if (row == std::end(kRows)) return std::nullopt;
  return row->code;
}

int ExitStatus(RefusalCode code) {
  return kRows[static_cast<size_t>(code)].exit_status;
}

absl::Status Refuse(RefusalCode code, absl::string_view detail) {
  absl::Status status(StatusCodeOf(code), detail);
  status.SetPayload(kPayload, Encode(code, {}));
  return status;
}

absl::Status RefuseAs(RefusalCode code, absl::Status status) {
  if (status.ok() || status.GetPayload(kPayload)) return status;
  return Refuse(code, status.message());
}

absl::Status At(const RefusalPlace& place, absl::Status status) {
  std::optional<Refusal> refusal = RefusalOf(status);
  if (!refusal) return status;
  for (const auto& [name, member] : kTexts) {
    std::string& known = refusal->place.*member;
    if (known.empty()) known = place.*member;
  }
  for (const auto& [name, member] : kNumbers) {
    std::optional<int64_t>& known = refusal->place.*member;
    if (!known) known = place.*member;
  }
  status.SetPayload(kPayload, Encode(refusal->code, refusal->place));
  return status;
}

std::optional<Refusal> RefusalOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  if (!payload) return std::nullopt;
  const std::string text(*payload);
  const std::vector<absl::string_view> lines =
      absl::StrSplit(text, '\n', absl::SkipEmpty());
  const std::optional<RefusalCode> code = ParseRefusalName(lines[0]);
  if (!code) return std::nullopt;
  Refusal refusal{*code, std::string(status.message()), {}};
  for (absl::string_view line : lines) {
    const std::pair<absl::string_view, absl::string_view> member =
        absl::StrSplit(line, absl::MaxSplits(' ', 1));
    ReadMember(member.first, member.second, refusal.place);
  }
  return refusal;
}

}  // namespace orrery::signing
