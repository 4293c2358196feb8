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
#include "registry/status/refusal_details.h"

namespace orrery::registry {
namespace {

using signing::RefusalCode;

constexpr char kHostKeyFailed[] = "Host key verification failed";
// Git begins with it what the remote sends for people to read.
constexpr char kRelayed[] = "remote:";
// What follows is the remote's, too.
constexpr char kRemoteError[] = "fatal: remote error:";
constexpr char kTooLarge[] = "receiving more than one fetch may bring";

struct MarkedKind {
  // Any of these in git's own words, `|` between them.
  const char* marks;
  FailureKind kind;
  // Whether what the remote sends counts, too.
  bool relayed = false;
};

// The first that fits.
constexpr MarkedKind kKinds[] = {
    {"error: 401|error: 403",
     {"authenticating", "REMOTE_REFUSED",
      absl::StatusCode::kFailedPrecondition}},
    {"error: 429|error: 503",
     {"asking the server", "RETRY_LATER", absl::StatusCode::kUnavailable}},
    {"unable to update url base from redirection|error: 301|error: 302|error: "
     "307|error: 308",
     {"following a redirect, which sources must not do", "REMOTE_REFUSED",
      absl::StatusCode::kFailedPrecondition, RefusalCode::kGitUrl}},
    {"error: 404|error: 410",
     {"looking for a repository", "NO_REPOSITORY",
      absl::StatusCode::kFailedPrecondition}},
    {"returned error: ",
     {"asking the server", "FETCH_FAILED", absl::StatusCode::kUnavailable}},
    {"repository corruption on the remote side",
     {"receiving objects that the remote itself cannot read", "REMOTE_DAMAGED",
      absl::StatusCode::kUnavailable},
     true},
    {"pack has bad object|pack is corrupted|pack signature mismatch",
     {"reading the pack that the remote sent", "REMOTE_DAMAGED",
      absl::StatusCode::kUnavailable}},
    {"part of a collision attack|SHA1 COLLISION FOUND",
     {"checking objects", "FETCH_FAILED", absl::StatusCode::kFailedPrecondition,
      RefusalCode::kGitObject}},
    {"fsck error",
     {"checking objects", "FETCH_FAILED",
      absl::StatusCode::kFailedPrecondition}},
    {kRemoteError,
     {"asking the server", "FETCH_FAILED", absl::StatusCode::kUnavailable}},
    {"dumb http transport",
     {"asking for a pack", "NOT_SMART", absl::StatusCode::kFailedPrecondition}},
    {"Could not resolve host|Could not resolve hostname|Name or service not "
     "known",
     {"resolving the host name", "REMOTE_UNREACHABLE",
      absl::StatusCode::kUnavailable}},
    {"died of signal 25|File too large",
     {kTooLarge, "FETCH_FAILED", absl::StatusCode::kResourceExhausted}},
    {"Out of memory|malloc failed|failed to allocate",
     {"unpacking more than may be held in memory", "FETCH_FAILED",
      absl::StatusCode::kResourceExhausted}},
    {"No space left on device",
     {"storing objects", "DISK_FULL", absl::StatusCode::kResourceExhausted}},
    {"loose object|bad object|is corrupt|garbage at end of|bad config|broken "
     "ref|reference broken|is far too short|unresolved deltas|"
     "cannot be accessed|does not match index|unable to read|fatal: not a git "
     "repository",
     {"storing objects", "CLONE_DAMAGED", absl::StatusCode::kUnavailable}},
    {kHostKeyFailed,
     {"checking the host key", "REMOTE_REFUSED",
      absl::StatusCode::kFailedPrecondition}},
    {"Authentication failed|could not read Username|could not read Password|"
     "Permission denied",
     {"authenticating", "REMOTE_REFUSED",
      absl::StatusCode::kFailedPrecondition}},
    {"certificate|SSL|gnutls_handshake",
     {"setting up TLS", "REMOTE_REFUSED",
      absl::StatusCode::kFailedPrecondition}},
    {"not found|does not appear to be a git repository|is this a git "
     "repository|invalid info/refs|not valid: ",
     {"looking for a repository", "NO_REPOSITORY",
      absl::StatusCode::kFailedPrecondition}},
    {"Connection refused|Failed to connect|Couldn't connect|timed out|No route "
     "to host|Network is unreachable|Connection reset|Connection closed|Could "
     "not read from remote",
     {"connecting", "REMOTE_UNREACHABLE", absl::StatusCode::kUnavailable}},
    {"sha256|object format|object-format",
     {"comparing object formats", "NO_REPOSITORY",
      absl::StatusCode::kFailedPrecondition, RefusalCode::kGitObject}},
    {"Operation too slow|transfer closed|early EOF|unexpected disconnect|"
     "hung up unexpectedly|RPC failed",
     {"receiving", "REMOTE_UNREACHABLE", absl::StatusCode::kUnavailable}},
};

constexpr FailureKind kUnknown = {"running git", "FETCH_FAILED",
                                  absl::StatusCode::kUnavailable};

// A host name of one word can be a word of git's.
bool Names(absl::string_view word, absl::string_view host) {
  return host.find_first_of(".:") != host.npos && absl::StrContains(word, host);
}

// Without addresses and what stands in quotes: names that others have chosen.
std::string WithoutNames(absl::string_view line, absl::string_view host) {
  std::vector<absl::string_view> kept;
  char quote = 0;
  for (const absl::string_view word : absl::StrSplit(line, ' ')) {
    absl::string_view rest = word;
    if (quote == 0 && !word.empty() && (word[0] == '\'' || word[0] == '"') &&
        line.find(word[0], word.data() - line.data() + 1) != line.npos) {
      quote = word[0];
      rest.remove_prefix(1);
    }
    const bool quoted = quote != 0;
    if (quoted && absl::StrContains(rest, quote)) quote = 0;
    if (quoted || absl::StrContains(word, "://") || Names(word, host)) continue;
    kept.push_back(word);
  }
  return absl::StrJoin(kept, " ");
}

// The lines that git itself has written.
std::string OwnWords(absl::string_view errors, absl::string_view host) {
  std::string own;
  for (const absl::string_view line :
       absl::StrSplit(errors, absl::ByAnyChar("\r\n"), absl::SkipEmpty())) {
    // The other two name the repository and its refs.
    if (absl::StartsWith(line, kRelayed) || absl::StartsWith(line, "From ") ||
        absl::StartsWith(line, " ! ")) {
      continue;
    }
    absl::StrAppend(&own,
                    absl::StartsWith(line, kRemoteError)
                        ? kRemoteError
                        : WithoutNames(line, host),
                    "\n");
  }
  return own;
}

const FailureKind& KindOf(const GitFailure& failure) {
  const std::string own = OwnWords(failure.errors, failure.host);
  for (const MarkedKind& marked : kKinds) {
    const absl::string_view said = marked.relayed ? failure.errors : own;
    for (const absl::string_view mark : absl::StrSplit(marked.marks, '|')) {
      if (absl::StrContains(said, mark)) return marked.kind;
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
  return GitFailureStatus(failure, KindOf(failure));
}

absl::Status GitFailureStatus(const GitFailure& failure,
                              const FailureKind& kind) {
  const std::string errors = Redact(failure.errors, failure.secrets);
  std::string reasons;
  if (absl::StrContains(errors, kHostKeyFailed)) {
    reasons = ExplainHostKey(errors, failure.known_hosts);
  }
  if (reasons.empty()) reasons = Reasons(errors);
  if (kind.phase == absl::string_view(kTooLarge)) {
    reasons = absl::StrCat("at most ", failure.max_bytes, " bytes; ", reasons);
  }
  if (kind.reason == absl::string_view("NOT_SMART")) {
    reasons =
        "the server only hands out files, which cannot be checked while they "
        "come; serve the repository by git http-backend or over ssh";
  }
  absl::Status status(
      kind.code,
      absl::StrCat(
          failure.doing, " ", failure.url, " failed at ", failure.host,
          " while ", kind.phase, ", after ",
          absl::StrFormat("%.1f s: ", absl::ToDoubleSeconds(failure.duration)),
          reasons));
  const ErrorMetadata facts = {{"host", failure.host}, {"phase", kind.phase}};
  return kind.refusal.has_value()
             ? WithRefusal(std::move(status), kind.reason, *kind.refusal, facts)
             : WithReason(std::move(status), kind.reason, facts);
}

}  // namespace orrery::registry
