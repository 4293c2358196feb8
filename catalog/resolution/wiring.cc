#include "catalog/resolution/wiring.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "catalog/options/default_options.h"
#include "catalog/options/merge_options.h"
#include "catalog/options/option_path.h"
#include "catalog/resolution/output_value.h"
#include "registry/format/canonical_json.h"
#include "registry/format/json_parse.h"
#include "registry/format/relations_options.h"
#include "registry/status/error_details.h"
#include "signing/digest.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using registry::OutputType;
using registry::RelationOutput;

// An object that has nothing but `value` at `pointer`.
absl::StatusOr<JsonValue> AtPath(const std::string& pointer, JsonValue value) {
  ORRERY_ASSIGN_OR_RETURN(const OptionPath path, ParseOptionPath(pointer));
  for (size_t i = path.size(); i-- > 0;) {
    value = JsonValue::Object({{path[i], std::move(value)}});
  }
  return value;
}

bool Allows(const std::vector<std::string>& types, absl::string_view type) {
  return types.empty() ||
         std::find(types.begin(), types.end(), type) != types.end();
}

// The value in the type that the option has.
JsonValue Fitted(JsonValue value, const std::vector<std::string>& types,
                 const std::optional<std::string>& join) {
  if (value.is_array()) {
    if (!join.has_value()) return value;
    std::string text;
    for (const JsonValue& item : value.items()) {
      if (&item != &value.items().front()) text += *join;
      text += item.text();
    }
    return JsonValue::String(std::move(text));
  }
  if (value.is_string() || types.empty()) return value;
  const bool fits = value.is_bool() ? Allows(types, "boolean")
                                    : Allows(types, "number") ||
                                          (value.AsInteger().has_value() &&
                                           Allows(types, "integer"));
  return fits ? value : JsonValue::String(registry::CanonicalJson(value));
}

absl::Status TypeFault(const ResolvedBinding& binding, OutputType type,
                       const std::vector<std::string>& types) {
  std::string wanted;
  for (const std::string& option_type : types) {
    absl::StrAppend(&wanted, wanted.empty() ? "" : " or ", option_type);
  }
  return registry::WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "relations.type: ", binding.output, " of ", binding.provider, " is ",
          registry::OutputTypeName(type), ", ", binding.option, " wants ",
          wanted.empty() ? "another" : wanted)),
      "RELATIONS_TYPE");
}

class Wirer {
 public:
  Wirer(const Resolution& resolution, const WiringSources& sources)
      : resolution_(resolution), sources_(sources) {}

  absl::StatusOr<std::map<std::string, WiredService>> Run() {
    // Providers come first, but for circles, whose outputs are what options
    // say without each other.
    for (const ResolvedNode& node : resolution_.nodes) {
      if (node.release == nullptr) continue;
      ORRERY_RETURN_IF_ERROR(SetOptions(node));
    }
    for (const ResolvedNode& node : resolution_.nodes) {
      if (!IsRewired(node)) continue;
      for (const ResolvedBinding& binding : node.bindings) {
        if (binding.overridden) continue;
        ORRERY_RETURN_IF_ERROR(Bind(node, binding));
      }
    }
    std::map<std::string, WiredService> wired;
    for (const ResolvedNode& node : resolution_.nodes) {
      if (!IsRewired(node)) continue;
      wired[node.node] = std::move(services_[node.node]);
    }
    return wired;
  }

 private:
  bool IsRewired(const ResolvedNode& node) const {
    return node.release != nullptr && sources_.is_rewired(node);
  }

  absl::Status Compute(const ResolvedNode& node, const std::string& pointer,
                       JsonValue value) {
    ORRERY_ASSIGN_OR_RETURN(JsonValue object,
                            AtPath(pointer, std::move(value)));
    JsonValue& computed = services_[node.node].computed;
    computed = MergeOptions(std::move(computed), std::move(object));
    return absl::OkStatus();
  }

  absl::Status SetOptions(const ResolvedNode& node) {
    if (!IsRewired(node)) {
      services_[node.node].computed = sources_.kept_options(node);
      return absl::OkStatus();
    }
    for (const auto& [pointer, scalar] : node.set) {
      // It is one of our own texts.
      ORRERY_ASSIGN_OR_RETURN(registry::JsonDocument value,
                              registry::ParseJson(scalar));
      ORRERY_RETURN_IF_ERROR(Compute(node, pointer, std::move(value.root)));
    }
    return absl::OkStatus();
  }

  JsonValue Effective(const ResolvedNode& node) {
    const JsonValue* config = sources_.config(node);
    JsonValue options =
        config == nullptr ? JsonValue::Object() : DefaultOptions(*config);
    options = MergeOptions(std::move(options), services_[node.node].computed);
    return MergeOptions(std::move(options), sources_.user_options(node));
  }

  absl::Status Bind(const ResolvedNode& node, const ResolvedBinding& binding) {
    const ResolvedNode& provider = *resolution_.Find(binding.provider);
    const RelationOutput& output =
        sources_.relations(provider)->outputs.at(binding.output);
    const JsonValue* config = sources_.config(node);
    const std::vector<std::string> types =
        registry::OptionTypes(config, binding.option);
    if (!registry::OptionTakesOutput(config, binding.option, output.type,
                                     binding.join.has_value())) {
      return TypeFault(binding, output.type, types);
    }
    const JsonValue options = Effective(provider);
    const OutputService service = {
        provider.instance,   provider.package, provider.release->version,
        resolution_.cluster, sources_.kind,    &options};
    ORRERY_ASSIGN_OR_RETURN(std::vector<LatePiece> pieces,
                            OutputPieces(output, service));
    if (!output.is_late()) {
      return Compute(
          node, binding.option,
          Fitted(StaticValue(output.type, pieces), types, binding.join));
    }
    if (provider.action == NodeAction::kKeep) {
      return BindRunning(node, binding, provider, output, types, pieces);
    }
    return BindLate(node, binding, provider, output, types, std::move(pieces));
  }

  absl::Status BindRunning(const ResolvedNode& node,
                           const ResolvedBinding& binding,
                           const ResolvedNode& provider,
                           const RelationOutput& output,
                           const std::vector<std::string>& types,
                           const std::vector<LatePiece>& pieces) {
    const std::optional<std::string> text =
        LateText(pieces, sources_.endpoints(provider));
    if (!text.has_value()) {
      return registry::WithReason(
          absl::FailedPreconditionError(absl::StrCat(
              "output ", binding.output, " of ", provider.node,
              " is not known: it does not run, or has not such a port")),
          "OUTPUT_MISSING");
    }
    LatePiece whole;
    whole.text = *text;
    return Compute(
        node, binding.option,
        Fitted(StaticValue(output.type, {whole}), types, binding.join));
  }

  // A text that the rendered manifest will contain, and nothing else does.
  absl::Status BindLate(const ResolvedNode& node,
                        const ResolvedBinding& binding,
                        const ResolvedNode& provider,
                        const RelationOutput& output,
                        const std::vector<std::string>& types,
                        std::vector<LatePiece> pieces) {
    if (!Allows(types, "string")) {
      return registry::WithReason(
          absl::FailedPreconditionError(absl::StrCat(
              "option ", binding.option, " of ", node.node, " is no text, and ",
              binding.output, " of ", binding.provider,
              " is known only when that runs; give the option yourself")),
          "OUTPUT_MISSING");
    }
    LateOption late;
    late.option = binding.option;
    late.provider = provider.instance;
    late.output = binding.output;
    late.placeholder = absl::StrCat(
        "orrery-late-",
        signing::Digest::Of(absl::StrCat(node.node, " ", binding.option))
            .Hex()
            .substr(0, 24));
    if (output.type == OutputType::kList) {
      for (size_t i = 1; i < pieces.size(); i += 2) {
        LatePiece between;
        between.text = binding.join.value_or(",");
        pieces.insert(pieces.begin() + static_cast<ptrdiff_t>(i),
                      std::move(between));
      }
    }
    late.pieces = std::move(pieces);
    ORRERY_RETURN_IF_ERROR(
        Compute(node, binding.option, JsonValue::String(late.placeholder)));
    services_[node.node].late.push_back(std::move(late));
    return absl::OkStatus();
  }

  const Resolution& resolution_;
  const WiringSources& sources_;
  std::map<std::string, WiredService> services_;
};

}  // namespace

absl::StatusOr<std::map<std::string, WiredService>> WireServices(
    const Resolution& resolution, const WiringSources& sources) {
  return Wirer(resolution, sources).Run();
}

}  // namespace orrery::catalog
