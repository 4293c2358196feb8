#include "catalog/resolution/wiring.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "catalog/options/default_options.h"
#include "catalog/options/merge_options.h"
#include "catalog/options/option_path.h"
#include "catalog/options/schema_node.h"
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

std::vector<LatePiece> TextPieces(const std::vector<std::string>& texts) {
  std::vector<LatePiece> pieces;
  for (const std::string& text : texts) pieces.emplace_back().text = text;
  return pieces;
}

// The pieces of an option that an output passes on.
std::vector<LatePiece> PassedOn(const LateOption& late) {
  std::vector<LatePiece> pieces;
  for (LatePiece piece : late.pieces) {
    if (late.is_list) {
      if (!pieces.empty()) pieces.push_back(TextPieces({late.join}).front());
      if (piece.join.empty()) piece.join = late.join;
    }
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

// With what stands behind the placeholders of the options that an output is
// made of.
std::vector<LatePiece> Expanded(const std::vector<LatePiece>& said,
                                const std::vector<LateOption>& options) {
  std::vector<LatePiece> pieces = said;
  for (const LateOption& late : options) {
    std::vector<LatePiece> expanded;
    for (LatePiece& piece : pieces) {
      if (piece.kind != LatePiece::Kind::kText) {
        expanded.push_back(std::move(piece));
        continue;
      }
      const std::vector<std::string> texts =
          absl::StrSplit(piece.text, late.placeholder);
      for (size_t i = 0; i < texts.size(); ++i) {
        if (i > 0) {
          const std::vector<LatePiece> passed = PassedOn(late);
          expanded.insert(expanded.end(), passed.begin(), passed.end());
        }
        if (texts.size() == 1 || !texts[i].empty()) {
          expanded.push_back(TextPieces({texts[i]}).front());
        }
      }
    }
    pieces = std::move(expanded);
  }
  return pieces;
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

// What a schema says of values beside their type.
constexpr const char* kChecks[] = {
    "enum",      "pattern", "minimum",  "maximum",  "minLength",
    "maxLength", "items",   "minItems", "maxItems", "multipleOf"};

// The schema of an option whose value has to be looked at when it is known, as
// JSON text. What it refers to is elsewhere, and is not looked at.
std::string SchemaToCheck(const JsonValue* config, const std::string& pointer) {
  if (config == nullptr) return "";
  JsonValue schema = JsonValue::Object();
  const SchemaNode node = NodeAt(*config, pointer);
  for (const char* keyword : kChecks) {
    const JsonValue* value = node.Keyword(keyword);
    if (value != nullptr) schema.Set(keyword, *value);
  }
  return schema.members().empty() ? "" : registry::WriteJson(schema);
}

// Digits that nothing else has, by chance, in a manifest.
std::string NumberPlaceholder(const signing::Digest& digest) {
  constexpr uint64_t kDigits = 1'000'000'000'000'000;
  uint64_t number = 0;
  for (const char c : digest.Hex().substr(0, 15)) {
    number = number * 16 + static_cast<uint64_t>(
                               absl::ascii_isdigit(c) ? c - '0' : c - 'a' + 10);
  }
  return absl::StrCat("7", absl::Dec(number % kDigits, absl::kZeroPad15));
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
    std::map<std::string, WiredService> wired;
    for (const ResolvedNode& node : resolution_.nodes) {
      if (!IsRewired(node)) continue;
      for (const ResolvedBinding& binding : node.bindings) {
        if (binding.overridden) continue;
        ORRERY_RETURN_IF_ERROR(Bind(node, binding));
      }
      const WiredService& service = services_[node.node];
      if (!sources_.is_same(node, service)) changing_.insert(node.node);
      wired[node.node] = service;
    }
    return wired;
  }

 private:
  bool IsRewired(const ResolvedNode& node) const {
    return node.release != nullptr && sources_.is_rewired(node);
  }

  absl::Status Compute(const ResolvedNode& node, const std::string& pointer,
                       JsonValue value) {
    ORRERY_ASSIGN_OR_RETURN(const OptionPath path, ParseOptionPath(pointer));
    JsonValue& computed = services_[node.node].computed;
    computed =
        MergeOptions(std::move(computed), ObjectWith(path, std::move(value)));
    return absl::OkStatus();
  }

  absl::Status SetOptions(const ResolvedNode& node) {
    if (!IsRewired(node)) {
      services_[node.node].computed = sources_.kept_options(node);
      services_[node.node].secrets = sources_.kept_secrets(node);
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
    const auto& outputs = sources_.relations(provider)->outputs;
    const auto found = outputs.find(binding.output);
    // The catalogue may have changed since the answer was found.
    if (found == outputs.end()) {
      return registry::WithReason(
          absl::AbortedError(
              absl::StrCat(provider.node, " has no output ", binding.output,
                           " in the catalogue any more; plan again")),
          "PLAN_CHANGED");
    }
    const RelationOutput& output = found->second;
    const JsonValue* config = sources_.config(node);
    const std::vector<std::string> types =
        registry::OptionTypes(config, binding.option);
    if (!registry::OptionTakesOutput(config, binding.option, output.type,
                                     binding.join.has_value())) {
      return TypeFault(binding, output.type, types);
    }
    if (IsSecret(node, binding, provider, output)) {
      services_[node.node].secrets.push_back(binding.option);
    }
    const JsonValue options = Effective(provider);
    const OutputService service = {
        provider.instance,   provider.package, provider.release->version,
        resolution_.cluster, sources_.kind,    &options};
    ORRERY_ASSIGN_OR_RETURN(const std::vector<LatePiece> said,
                            OutputPieces(output, service));
    const std::vector<LatePiece> pieces =
        Expanded(said, services_[provider.node].late);
    const bool is_late =
        std::any_of(pieces.begin(), pieces.end(), [](const LatePiece& piece) {
          return piece.kind != LatePiece::Kind::kText;
        });
    if (!is_late) {
      return Compute(
          node, binding.option,
          Fitted(StaticValue(output.type, pieces), types, binding.join));
    }
    if (Waits(pieces)) return BindLate(node, binding, output, types, pieces);
    const auto texts =
        LateTexts(pieces, output.type == OutputType::kList,
                  [this](const std::string& name) {
                    return sources_.endpoints(*NodeOfService(name));
                  });
    if (texts.has_value()) {
      return Compute(node, binding.option,
                     Fitted(StaticValue(output.type, TextPieces(*texts)), types,
                            binding.join));
    }
    if (sources_.comes_up(provider)) {
      return BindLate(node, binding, output, types, pieces);
    }
    return registry::WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            "output ", binding.output, " of ", provider.node,
            " is not known: it does not run, or has not such a port")),
        "OUTPUT_MISSING");
  }

  // Whether nobody may be shown what the option is told.
  bool IsSecret(const ResolvedNode& node, const ResolvedBinding& binding,
                const ResolvedNode& provider, const RelationOutput& output) {
    if (registry::HoldsSecret(sources_.config(node), binding.option)) {
      return true;
    }
    const std::string* const option = registry::OnlyOption(output);
    if (option == nullptr) return false;
    const std::vector<std::string>& passed = services_[provider.node].secrets;
    return registry::HoldsSecret(sources_.config(provider), *option) ||
           std::find(passed.begin(), passed.end(), *option) != passed.end();
  }

  const ResolvedNode* NodeOfService(const std::string& name) const {
    return &*std::find_if(
        resolution_.nodes.begin(), resolution_.nodes.end(),
        [&name](const ResolvedNode& node) { return node.instance == name; });
  }

  // Whether a port is one of a service that starts or changes.
  bool Waits(const std::vector<LatePiece>& pieces) const {
    return std::any_of(
        pieces.begin(), pieces.end(), [this](const LatePiece& piece) {
          if (piece.kind == LatePiece::Kind::kText) return false;
          const ResolvedNode& node = *NodeOfService(piece.service);
          return node.action != NodeAction::kKeep ||
                 changing_.contains(node.node);
        });
  }

  // A value that the rendered manifest will contain, and nothing else does.
  absl::Status BindLate(const ResolvedNode& node,
                        const ResolvedBinding& binding,
                        const RelationOutput& output,
                        const std::vector<std::string>& types,
                        const std::vector<LatePiece>& pieces) {
    JsonValue value;
    if (output.type == OutputType::kList) {
      value = JsonValue::Array();
      for (const LatePiece& piece : pieces) {
        const bool is_known = piece.kind == LatePiece::Kind::kText;
        value.items().push_back(
            is_known ? JsonValue::String(piece.text)
                     : AddLate(node, binding, OutputType::kList, {piece}));
      }
    } else {
      value = AddLate(node, binding, output.type, pieces);
    }
    return Compute(node, binding.option,
                   Fitted(std::move(value), types, binding.join));
  }

  // The placeholder of a value, or of elements of a list.
  JsonValue AddLate(const ResolvedNode& node, const ResolvedBinding& binding,
                    OutputType type, std::vector<LatePiece> pieces) {
    std::vector<LateOption>& all = services_[node.node].late;
    const signing::Digest digest = signing::Digest::Of(
        absl::StrCat(node.node, " ", binding.option, " ", all.size()));
    const bool is_number =
        type == OutputType::kInteger || type == OutputType::kNumber;
    LateOption late;
    late.option = binding.option;
    late.provider = resolution_.Find(binding.provider)->instance;
    late.output = binding.output;
    late.pieces = std::move(pieces);
    late.is_list = type == OutputType::kList;
    late.join = binding.join.value_or(",");
    late.schema = SchemaToCheck(sources_.config(node), binding.option);
    late.placeholder =
        is_number ? NumberPlaceholder(digest)
                  : absl::StrCat("orrery-late-", digest.Hex().substr(0, 24));
    all.push_back(late);
    return is_number ? JsonValue::NumberText(late.placeholder)
                     : JsonValue::String(late.placeholder);
  }

  const Resolution& resolution_;
  const WiringSources& sources_;
  std::map<std::string, WiredService> services_;
  // Nodes that keep their release and become something else all the same.
  std::set<std::string> changing_;
};

}  // namespace

absl::StatusOr<std::map<std::string, WiredService>> WireServices(
    const Resolution& resolution, const WiringSources& sources) {
  return Wirer(resolution, sources).Run();
}

}  // namespace orrery::catalog
