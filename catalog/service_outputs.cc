#include "catalog/service_outputs.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"

#include "catalog/options/default_options.h"
#include "catalog/options/merge_options.h"
#include "catalog/release_config.h"
#include "catalog/resolution/lost_release.h"
#include "catalog/resolution/output_value.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "registry/format/relations_document.h"
#include "registry/format/relations_options.h"
#include "registry/format/relations_output.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

// In the place of the value of one.
constexpr char kSecret[] = "(secret)";

JsonValue ObjectOf(const std::string& text) {
  absl::StatusOr<registry::JsonDocument> json = registry::ParseJson(text);
  return json.ok() ? std::move(json->root) : JsonValue::Object();
}

// The schema of its options; an empty one where it is not there any more.
JsonValue ConfigOf(const ServiceRecord& record,
                   const registry::Snapshot* snapshot) {
  if (snapshot == nullptr) return JsonValue::Object();
  return ReleaseConfig(*snapshot, record.source, record.package, record.release)
      .value_or(JsonValue::Object());
}

bool IsSecret(const registry::RelationOutput& output,
              const ServiceRecord& record, const registry::Snapshot* snapshot) {
  const std::string* const option = registry::OnlyOption(output);
  if (option == nullptr) return false;
  if (std::find(record.secrets.begin(), record.secrets.end(), *option) !=
      record.secrets.end()) {
    return true;
  }
  const JsonValue config = ConfigOf(record, snapshot);
  return registry::HoldsSecret(&config, *option);
}

}  // namespace

std::vector<ServiceOutput> ServiceOutputs(
    const ServiceRecord& record, absl::string_view kind,
    const std::vector<AppEndpoint>& endpoints,
    const registry::Snapshot* snapshot) {
  std::vector<ServiceOutput> outputs;
  const std::shared_ptr<const registry::RelationsDocument> relations =
      RelationsOf(record);
  if (relations == nullptr || relations->outputs.empty()) return outputs;
  JsonValue options =
      MergeOptions(ObjectOf(record.computed), ObjectOf(record.options));
  bool has_defaults = false;
  const OutputService service = {record.name,       record.package,
                                 record.version,    record.cluster,
                                 std::string(kind), &options};
  const EndpointsOf its_own = [&endpoints](const std::string&) {
    return endpoints;
  };
  for (const auto& [name, output] : relations->outputs) {
    auto pieces = OutputPieces(output, service);
    // Few outputs speak of options that nobody has given.
    if (!pieces.ok() && !has_defaults) {
      options = MergeOptions(DefaultOptions(ConfigOf(record, snapshot)),
                             std::move(options));
      has_defaults = true;
      pieces = OutputPieces(output, service);
    }
    if (!pieces.ok()) continue;
    const bool is_list = output.type == registry::OutputType::kList;
    const auto texts = LateTexts(*pieces, is_list, its_own);
    if (!texts.has_value()) continue;
    outputs.push_back({name, IsSecret(output, record, snapshot)
                                 ? kSecret
                                 : absl::StrJoin(*texts, ",")});
  }
  return outputs;
}

}  // namespace orrery::catalog
