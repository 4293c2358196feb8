#include "registry/source/keyset_admission.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using signing::RefusalCode;
using signing::Refuse;

// A source that has observed releases of the package, other than `source`
// where there is one; empty if none has.
std::string ObservingSource(const signing::LogState& log,
                            const signing::PackageState& package,
                            absl::string_view source) {
  std::string found;
  for (const auto& [key, release] : package.releases) {
    const signing::SourceState* const state =
        signing::FindSource(log, key.first);
    if (release.revisions.empty() || !state->is_base()) continue;
    found = key.first;
    if (found != source) break;
  }
  return found;
}

// Why the name is not free for whoever comes first; empty when it is.
absl::StatusOr<std::string> Precedent(const KeysetAdmission& admission,
                                      const signing::LogState& log,
                                      const FirstKeyset& keyset) {
  const std::string& name = keyset.package;
  const signing::PackageState* const package = signing::FindPackage(log, name);
  if (package != nullptr) {
    const std::string source = ObservingSource(log, *package, keyset.source);
    if (source == keyset.source) {
      return absl::StrCat(
          name, " has releases that were logged before anybody signed for it");
    }
    if (!source.empty()) {
      return absl::StrCat("source ", source, " has ", name, " too");
    }
  }
  return admission.elsewhere(name);
}

StatementVerdict Held(absl::Status refusal) {
  return {std::move(refusal), /*is_pending=*/true};
}

}  // namespace

absl::StatusOr<StatementVerdict> JudgeFirstKeyset(
    const KeysetAdmission& admission, const signing::LogState& log,
    const FirstKeyset& keyset) {
  const std::string& name = keyset.package;
  if (!admission.names.ok()) return Held(admission.names.status());
  const std::optional<signing::Names>& names = *admission.names;
  const signing::Digest* const bound =
      names.has_value() ? names->FindBinding(name) : nullptr;
  if (bound != nullptr) {
    if (*bound == keyset.statement) return StatementVerdict();
    return StatementVerdict{
        Refuse(RefusalCode::kRecordKeyset,
               absl::StrCat("this registry's names bind ", name,
                            " to keyset sha256:", bound->Hex(),
                            ", not to sha256:", keyset.statement.Hex()))};
  }
  if (names.has_value()) {
    absl::Status status = names->CheckReserved(name);
    if (!status.ok()) return StatementVerdict{std::move(status)};
  }
  const auto admitted = admission.admitted.find(name);
  if (admitted != admission.admitted.end() &&
      admitted->second == keyset.statement.Hex()) {
    return StatementVerdict();
  }
  ORRERY_ASSIGN_OR_RETURN(const std::string precedent,
                          Precedent(admission, log, keyset));
  if (precedent.empty()) return StatementVerdict();
  return Held(
      Refuse(RefusalCode::kNameHeld,
             absl::StrCat(precedent,
                          "; the registry's operator lets this keyset (sha256:",
                          keyset.statement.Hex(),
                          ") in with `orrery source "
                          "admit ",
                          keyset.source, " ", name, "`")));
}

}  // namespace orrery::registry
