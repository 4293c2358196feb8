#include "catalog/resolution/not_admitted.h"

#include <optional>

#include "absl/strings/str_cat.h"

#include "signing/refusal.h"

namespace orrery::catalog {

std::string NotAdmittedText(const absl::Status& refusal) {
  const std::optional<signing::Refusal> told = signing::RefusalOf(refusal);
  return absl::StrCat("not admitted by policy: ",
                      told.has_value() ? signing::RefusalName(told->code) : "",
                      told.has_value() ? ": " : "", refusal.message());
}

AnswerNote NotAdmittedNote(const absl::Status& refusal) {
  return {"not-admitted", NotAdmittedText(refusal)};
}

}  // namespace orrery::catalog
