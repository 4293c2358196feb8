#include "registry/status/refusal_details.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace orrery::registry {
namespace {

constexpr char kRefused[] = "refused";

void Add(const char* name, const std::optional<int64_t>& value,
         ErrorMetadata* facts) {
  if (value.has_value()) facts->emplace(name, absl::StrCat(*value));
}

void Add(const char* name, const std::string& value, ErrorMetadata* facts) {
  if (!value.empty()) facts->emplace(name, value);
}

}  // namespace

absl::Status TellRefusal(absl::Status status) {
  const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
  if (!refusal.has_value() || !ReasonOf(status).reason.empty()) return status;
  const signing::RefusalPlace& place = refusal->place;
  ErrorMetadata facts;
  Add("check", place.check, &facts);
  Add("registry", place.registry, &facts);
  Add("package", place.package, &facts);
  Add("release", place.release, &facts);
  Add("revision", place.revision, &facts);
  Add("leaf", place.leaf, &facts);
  Add("file", place.file, &facts);
  Add("line", place.line, &facts);
  Add("pointer", place.pointer, &facts);
  Add("evidence", place.evidence, &facts);
  return WithRefusal(std::move(status), kNotTrusted, refusal->code, facts);
}

absl::Status WithRefusal(absl::Status status, absl::string_view reason,
                         signing::RefusalCode code, ErrorMetadata facts) {
  facts.emplace(kRefused, signing::RefusalName(code));
  facts.emplace("exit", absl::StrCat(signing::ExitStatus(code)));
  return WithReason(std::move(status), reason, facts);
}

std::string RefusedBy(const absl::Status& status) {
  const ErrorMetadata facts = ReasonOf(status).metadata;
  const auto found = facts.find(kRefused);
  return found == facts.end() ? "" : found->second;
}

}  // namespace orrery::registry
