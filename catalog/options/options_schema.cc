#include "catalog/options/options_schema.h"

#include <utility>

#include "absl/status/status.h"

#include "catalog/options/pattern_set.h"
#include "catalog/options/schema_check.h"
#include "catalog/options/schema_evaluation.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {

using registry::JsonValue;

struct OptionsSchema::Compiled {
  JsonValue config;
  PatternSet patterns;
};

OptionsSchema::OptionsSchema(std::shared_ptr<const Compiled> compiled)
    : compiled_(std::move(compiled)) {}

absl::StatusOr<OptionsSchema> OptionsSchema::Compile(const JsonValue& config) {
  auto compiled = std::make_shared<Compiled>();
  compiled->config = config;
  ReadDraft3Required(&compiled->config);
  ORRERY_RETURN_IF_ERROR(CheckSchema(compiled->config, &compiled->patterns));
  return OptionsSchema(std::move(compiled));
}

absl::StatusOr<std::vector<OptionFault>> OptionsSchema::Validate(
    const JsonValue& effective) const {
  std::vector<OptionFault> faults;
  if (effective.members().empty()) return faults;
  ORRERY_ASSIGN_OR_RETURN(
      const std::vector<BrokenKeyword> broken,
      EvaluateSchema(compiled_->config, compiled_->patterns, effective));
  faults.reserve(broken.size());
  for (const BrokenKeyword& keyword : broken) {
    faults.push_back(DescribeFault(keyword, compiled_->config, effective));
  }
  return faults;
}

const JsonValue& OptionsSchema::config() const { return compiled_->config; }

}  // namespace orrery::catalog
