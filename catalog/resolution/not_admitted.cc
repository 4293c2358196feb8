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

std::vector<AnswerNote> NotesOnRunning(const ReleaseAdmission& admission,
                                       const RunningService& service) {
  const absl::Status admitted = admission.AdmitRunning(service);
  if (!admitted.ok()) return {{"not-admitted", NotAdmittedText(admitted)}};
  const std::string reason = admission.WhyYanked(service);
  if (reason.empty()) return {};
  return {{"yanked", absl::StrCat("yanked: ", reason)}};
}

}  // namespace orrery::catalog
