#include "registry/git/git_failure.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

#include "registry/git/ssh_host_key.h"
#include "registry/status/error_details.h"

namespace orrery::registry {
namespace {

constexpr char kHostKeyFailed[] = "Host key verification failed";

struct Kind {
  // Any of these in what git said, `|` between them.
  const char* marks;
  const char* phase;
  const char* reason;
  absl::StatusCode code;
};

// The first that fits.
constexpr Kind kKinds[] = {
    {"Could not resolve host|Could not resolve hostname|Name or service not "
     "known",
     "resolving the host name", "REMOTE_UNREACHABLE",
     absl::StatusCode::kUnavailable},
    {"died of signal 25|File too large",
     "receiving more than the 1 GiB that one fetch may bring", "FETCH_FAILED",
     absl::StatusCode::kResourceExhausted},
    {"Out of memory|malloc failed|failed to allocate",
     "unpacking more than may be held in memory", "FETCH_FAILED",
     absl::StatusCode::kResourceExhausted},
    {"No space left on device", "storing objects", "DISK_FULL",
     absl::StatusCode::kResourceExhausted},
    {"loose object|bad object|is corrupt|garbage at end of|bad config|broken "
     "ref|reference broken|is far too short|"
     "cannot be accessed|does not match index|unable to read|fatal: not a git "
     "repository",
     "storing objects", "CLONE_DAMAGED", absl::StatusCode::kUnavailable},
    {kHostKeyFailed, "checking the host key", "REMOTE_REFUSED",
     absl::StatusCode::kFailedPrecondition},
    {"Authentication failed|could not read Username|could not read Password|"
     "Permission denied|error: 401|error: 403",
     "authenticating", "REMOTE_REFUSED", absl::StatusCode::kFailedPrecondition},
    {"certificate|SSL|gnutls_handshake", "setting up TLS", "REMOTE_REFUSED",
     absl::StatusCode::kFailedPrecondition},
    {"error: 429|error: 503", "asking the server", "RETRY_LATER",
     absl::StatusCode::kUnavailable},
    {"unable to update url base from redirection|error: 301|error: 302|error: "
     "307|error: 308",
     "following a redirect, which sources must not do", "REMOTE_REFUSED",
     absl::StatusCode::kFailedPrecondition},
    {"not found|does not appear to be a git repository|is this a git "
     "repository|error: 404|invalid info/refs|not valid: ",
     "looking for a repository", "NO_REPOSITORY",
     absl::StatusCode::kFailedPrecondition},
    {"Connection refused|Failed to connect|Couldn't connect|timed out|No route "
     "to host|Network is unreachable|Connection reset|Connection closed|Could "
     "not read from remote",
     "connecting", "REMOTE_UNREACHABLE", absl::StatusCode::kUnavailable},
    {"sha256|object format|object-format", "comparing object formats",
     "NO_REPOSITORY", absl::StatusCode::kFailedPrecondition},
    {"Operation too slow|transfer closed|early EOF|unexpected disconnect|"
     "hung up unexpectedly|RPC failed",
     "receiving", "REMOTE_UNREACHABLE", absl::StatusCode::kUnavailable},
};

constexpr Kind kUnknown = {"", "running git", "FETCH_FAILED",
                           absl::StatusCode::kUnavailable};

const Kind& KindOf(absl::string_view errors) {
  for (const Kind& kind : kKinds) {
    for (const absl::string_view mark : absl::StrSplit(kind.marks, '|')) {
      if (absl::StrContains(errors, mark)) return kind;
    }
  }
  return kUnknown;
}

// Git's own sentences in one line, without progress and ssh's ornaments.
std::string Reasons(absl::string_view errors) {
  constexpr size_t kMaxBytes = 600;
  std::vector<std::string> lines;
  for (absl::string_view line : absl::StrSplit(errors, '\n')) {
    line = absl::StripAsciiWhitespace(line.substr(line.rfind('\r') + 1));
    absl::ConsumePrefix(&line, "fatal: ");
    absl::ConsumePrefix(&line, "error: ");
    if (line.empty() || absl::StartsWith(line, "@") ||
        absl::StartsWith(line, "Cloning into") || IsHostKeyReport(line) ||
        absl::StartsWith(line, "Please make sure you have the correct") ||
        absl::StartsWith(line, "and the repository exists")) {
      continue;
    }
    lines.emplace_back(line);
  }
  std::string joined = absl::StrJoin(lines, "; ");
  if (joined.size() > kMaxBytes) joined.resize(kMaxBytes);
  return joined.empty() ? "git gave no reason" : joined;
}

}  // namespace

std::string Redact(std::string text, const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (!secret.empty()) absl::StrReplaceAll({{secret, "***"}}, &text);
  }
  return text;
}

absl::Status GitFailureStatus(const GitFailure& failure) {
  const std::string errors = Redact(failure.errors, failure.secrets);
  const Kind& kind = KindOf(errors);
  std::string reasons;
  if (absl::StrContains(errors, kHostKeyFailed)) {
    reasons = ExplainHostKey(errors, failure.known_hosts);
  }
  if (reasons.empty()) reasons = Reasons(errors);
  return WithReason(
      absl::Status(
          kind.code,
          absl::StrCat(failure.doing, " ", failure.url, " failed at ",
                       failure.host, " while ", kind.phase, ", after ",
                       absl::StrFormat("%.1f s: ",
                                       absl::ToDoubleSeconds(failure.duration)),
                       reasons)),
      kind.reason, {{"host", failure.host}, {"phase", kind.phase}});
}

}  // namespace orrery::registry
