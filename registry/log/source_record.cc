#include "registry/log/source_record.h"

#include <string>
#include <utility>
#include <variant>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

#include "signing/field.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr int64_t kMaxPriority = 999'999;

// Every byte that URLs do not hold as it is, escaped.
std::string EscapedPath(absl::string_view path) {
  std::string escaped;
  for (const char c : path) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
        absl::StrContains("/-._~+@=,", c)) {
      escaped.push_back(c);
    } else {
      absl::StrAppendFormat(&escaped, "%%%02X", static_cast<uint8_t>(c));
    }
  }
  return escaped;
}

// The URL in the one spelling that records have.
absl::StatusOr<std::string> RecordUrl(const Source& source) {
  ORRERY_ASSIGN_OR_RETURN(const SourceUrl url, ParseSourceUrl(source.url));
  if (url.scheme == UrlScheme::kLocal) {
    return absl::StrCat("file://", EscapedPath(url.path));
  }
  if (url.scheme != UrlScheme::kSsh || absl::StrContains(url.text, "://")) {
    return url.text;
  }
  // user@host:path, where a relative path begins in the user's home.
  const size_t colon = url.text.find(':');
  const absl::string_view path = absl::string_view(url.text).substr(colon + 1);
  return absl::StrCat("ssh://", url.text.substr(0, colon),
                      absl::StartsWith(path, "/")   ? ""
                      : absl::StartsWith(path, "~") ? "/"
                                                    : "/~/",
                      path);
}

absl::Status For(const Source& source, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::InvalidArgumentError(
      absl::StrCat("source \"", source.name,
                   "\" has no form in the log: ", status.message()));
}

}  // namespace

absl::StatusOr<signing::SourceRecord> SourceRecordOf(const Source& source) {
  signing::SourceRecord record;
  record.id = source.name;
  ORRERY_RETURN_IF_ERROR(For(source, signing::CheckId(record.id)));
  signing::GitOrigin origin;
  ORRERY_ASSIGN_OR_RETURN(origin.repository.url, RecordUrl(source));
  ORRERY_RETURN_IF_ERROR(
      For(source, signing::CheckGitUrl(origin.repository.url)));
  origin.repository.ref = source.ref;
  ORRERY_RETURN_IF_ERROR(For(source, signing::CheckRef(source.ref)));
  origin.directory = source.subdir.empty() ? "." : source.subdir;
  if (!source.subdir.empty()) {
    ORRERY_RETURN_IF_ERROR(For(source, signing::CheckPath(source.subdir)));
  }
  origin.tip = source.accepted_tip;
  record.origin = std::move(origin);
  record.overlay_of = source.overlay_of;
  record.priority = source.priority;
  if (source.priority < 0 || source.priority > kMaxPriority) {
    return For(source, absl::InvalidArgumentError(
                           absl::StrCat("its priority ", source.priority,
                                        " is not 0 to ", kMaxPriority)));
  }
  record.mode = source.mode;
  record.admission = source.admission;
  return record;
}

bool SaySame(const signing::SourceRecord& a, const signing::SourceRecord& b) {
  const auto* const x = std::get_if<signing::GitOrigin>(&a.origin);
  const auto* const y = std::get_if<signing::GitOrigin>(&b.origin);
  return x != nullptr && y != nullptr && x->repository == y->repository &&
         x->directory == y->directory && x->tip == y->tip && a.id == b.id &&
         a.overlay_of == b.overlay_of && a.priority == b.priority &&
         a.mode == b.mode && a.admission == b.admission;
}

}  // namespace orrery::registry
