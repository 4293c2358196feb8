// A schema, options and a --set argument, split at NULs, through everything
// that reads options.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

#include "catalog/options/default_options.h"
#include "catalog/options/merge_options.h"
#include "catalog/options/option_path.h"
#include "catalog/options/options_file.h"
#include "catalog/options/options_schema.h"
#include "catalog/options/unknown_options.h"
#include "registry/format/json_parse.h"

namespace {

using orrery::registry::JsonValue;

void CheckFaults(const JsonValue& config, const JsonValue& options) {
  namespace catalog = orrery::catalog;
  const auto schema = catalog::OptionsSchema::Compile(config);
  if (!schema.ok()) return;
  const JsonValue effective =
      catalog::MergeOptions(catalog::DefaultOptions(schema->config()), options);
  const auto faults = schema->Validate(effective);
  if (!faults.ok()) return;
  for (const catalog::OptionFault& fault : *faults) {
    const std::string line = catalog::OptionFaultText(fault);
    if (fault.keyword.empty() || fault.wanted.empty()) std::abort();
    if (line.find('\n') != std::string::npos) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace catalog = orrery::catalog;
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  const std::vector<absl::string_view> parts =
      absl::StrSplit(input, absl::MaxSplits('\0', 2));
  JsonValue config = JsonValue::Object();
  if (auto document = orrery::registry::ParseJson(parts[0]); document.ok()) {
    config = std::move(document->root);
  }
  JsonValue options = JsonValue::Object();
  if (parts.size() > 1) {
    auto parsed = catalog::ParseOptionsFile(parts[1]);
    if (parsed.ok()) options = *std::move(parsed);
  }
  if (parts.size() > 2) {
    const auto assignment = catalog::ParseAssignment(parts[2]);
    if (assignment.ok()) {
      const auto set = catalog::SetOption(&options, config, assignment->path,
                                          assignment->value);
      if (set.ok() && AtPointer(options, set->pointer) == nullptr) std::abort();
    }
  }
  for (const auto& unknown : catalog::UnknownOptions(config, options)) {
    if (AtPointer(options, unknown.pointer) == nullptr) std::abort();
  }
  CheckFaults(config, options);
  return 0;
}
