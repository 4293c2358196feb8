#include "registry/status/refusal_details.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/status/error_details.h"
#include "signing/refusal.h"

namespace orrery::registry {
namespace {

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
  ErrorMetadata facts = {
      {"refused", std::string(signing::RefusalName(refusal->code))},
      {"exit", absl::StrCat(signing::ExitStatus(refusal->code))}};
  Add("check", place.check, &facts);
  Add("registry", place.registry, &facts);
  Add("package", place.package, &facts);
  Add("release", place.release, &facts);
  Add("revision", place.revision, &facts);
  Add("leaf", place.leaf, &facts);
  Add("evidence", place.evidence, &facts);
  return WithReason(std::move(status), kNotTrusted, facts);
}

}  // namespace orrery::registry
