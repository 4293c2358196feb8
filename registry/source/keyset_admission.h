#ifndef REGISTRY_SOURCE_KEYSET_ADMISSION_H_
#define REGISTRY_SOURCE_KEYSET_ADMISSION_H_

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "registry/judge/statement_verdict.h"
#include "signing/digest.h"
#include "signing/policy/names.h"
#include "signing/replay/log_state.h"

namespace orrery::registry {

// Which first keysets somebody has let in (spec: trust.md §12.4).
struct KeysetAdmission {
  // By `source admit`: the statement, hex, of a package.
  std::map<std::string, std::string> admitted;
  // As ReadNames.
  absl::StatusOr<std::optional<signing::Names>> names;
  // Which other base source has the package, or may have it, in words; empty
  // when none does.
  std::function<absl::StatusOr<std::string>(const std::string& package)>
      elsewhere;
};

// A first keyset, as `source` publishes it.
struct FirstKeyset {
  std::string source;
  std::string package;
  signing::Digest statement;
};

// Whether it may be logged, or is held for the operator; `log` is what is
// logged of the package before. A status is one of `elsewhere`.
absl::StatusOr<StatementVerdict> JudgeFirstKeyset(
    const KeysetAdmission& admission, const signing::LogState& log,
    const FirstKeyset& keyset);

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_KEYSET_ADMISSION_H_
