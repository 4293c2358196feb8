#include "catalog/resolution/output_value.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "registry/format/canonical_json.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using registry::OutputPart;
using registry::OutputType;
using Kind = LatePiece::Kind;

constexpr int64_t kMaxRepeats = 64;

LatePiece TextPiece(std::string text) {
  LatePiece piece;
  piece.text = std::move(text);
  return piece;
}

bool IsText(const std::vector<LatePiece>& pieces) {
  return std::all_of(pieces.begin(), pieces.end(), [](const LatePiece& piece) {
    return piece.kind == Kind::kText;
  });
}

std::string TextOf(const std::vector<LatePiece>& pieces) {
  std::string text;
  for (const LatePiece& piece : pieces) text += piece.text;
  return text;
}

absl::Status TypeFault(absl::string_view what) {
  return registry::WithReason(
      absl::FailedPreconditionError(absl::StrCat("relations.type: ", what)),
      "RELATIONS_TYPE");
}

class PieceMaker {
 public:
  PieceMaker(const OutputService& service, bool is_list)
      : service_(service), is_list_(is_list) {}

  absl::Status Add(const std::vector<OutputPart>& parts, int64_t index,
                   std::vector<LatePiece>* out) {
    for (const OutputPart& part : parts) {
      ORRERY_RETURN_IF_ERROR(AddPart(part, index, out));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status AddPart(const OutputPart& part, int64_t index,
                       std::vector<LatePiece>* out) {
    switch (part.kind) {
      case OutputPart::Kind::kText:
        out->push_back(TextPiece(part.text));
        return absl::OkStatus();
      case OutputPart::Kind::kOption:
        return AddOption(part, out);
      case OutputPart::Kind::kService:
        out->push_back(TextPiece(Member(part.text)));
        return absl::OkStatus();
      case OutputPart::Kind::kAddress:
        out->push_back({Kind::kAddress, part.text, part.part, "", service_.id});
        return absl::OkStatus();
      case OutputPart::Kind::kEndpoints:
        out->push_back({Kind::kEndpoints, part.text, "", part.join.value_or(""),
                        service_.id});
        return absl::OkStatus();
      case OutputPart::Kind::kIndex:
        out->push_back(TextPiece(absl::StrCat(index)));
        return absl::OkStatus();
      case OutputPart::Kind::kRepeat:
        return AddRepeat(part, out);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<const JsonValue*> Option(const std::string& pointer) const {
    const JsonValue* value =
        service_.options == nullptr
            ? nullptr
            : registry::AtPointer(*service_.options, pointer);
    if (value != nullptr && !value->is_null()) return value;
    return absl::FailedPreconditionError(
        absl::StrCat("option ", pointer, " of ", service_.id,
                     " has no value, and an output is made of it"));
  }

  absl::Status AddOption(const OutputPart& part, std::vector<LatePiece>* out) {
    ORRERY_ASSIGN_OR_RETURN(const JsonValue* value, Option(part.text));
    if (!value->is_array()) {
      out->push_back(TextPiece(value->is_string()
                                   ? value->text()
                                   : registry::CanonicalJson(*value)));
      return absl::OkStatus();
    }
    std::vector<std::string> items;
    for (const JsonValue& item : value->items()) {
      items.push_back(item.is_string() ? item.text()
                                       : registry::CanonicalJson(item));
    }
    if (part.join.has_value()) {
      out->push_back(TextPiece(absl::StrJoin(items, *part.join)));
      return absl::OkStatus();
    }
    if (!is_list_ || in_repeat_) {
      return TypeFault(absl::StrCat("option ", part.text, " of ", service_.id,
                                    " is an array, and a part of a text wants "
                                    "\"join\" with it"));
    }
    for (std::string& item : items) out->push_back(TextPiece(std::move(item)));
    return absl::OkStatus();
  }

  absl::Status AddRepeat(const OutputPart& part, std::vector<LatePiece>* out) {
    ORRERY_ASSIGN_OR_RETURN(const JsonValue* value, Option(part.text));
    const std::optional<int64_t> count = value->AsInteger();
    if (!count.has_value() || *count < 1 || *count > kMaxRepeats) {
      return absl::FailedPreconditionError(
          absl::StrCat("option ", part.text, " of ", service_.id,
                       " counts repetitions, 1 to ", kMaxRepeats, ", and is ",
                       registry::WriteJson(*value)));
    }
    in_repeat_ = true;
    std::vector<LatePiece> whole;
    for (int64_t i = 0; i < *count; ++i) {
      if (i > 0 && part.join.has_value()) {
        whole.push_back(TextPiece(*part.join));
      }
      std::vector<LatePiece> once;
      ORRERY_RETURN_IF_ERROR(Add(part.repeated, i, &once));
      AddElement(!part.join.has_value(), std::move(once), &whole);
    }
    in_repeat_ = false;
    AddElement(part.join.has_value(), std::move(whole), out);
    return absl::OkStatus();
  }

  // Of a list they are one element if they are texts; places of ports each
  // stay one.
  void AddElement(bool is_element, std::vector<LatePiece> pieces,
                  std::vector<LatePiece>* out) const {
    if (is_element && is_list_ && IsText(pieces)) {
      pieces = {TextPiece(TextOf(pieces))};
    }
    out->insert(out->end(), pieces.begin(), pieces.end());
  }

  std::string Member(absl::string_view name) const {
    if (name == "dns") return absl::StrReplaceAll(service_.id, {{"/", ""}});
    if (name == "package") return service_.package;
    if (name == "version") return service_.version;
    if (name == "cluster") return service_.cluster;
    if (name == "kind") return service_.kind;
    return service_.id;
  }

  const OutputService& service_;
  const bool is_list_;
  bool in_repeat_ = false;
};

// Where the ports of a piece are, sorted.
std::vector<std::string> PlacesOf(const LatePiece& piece,
                                  const std::vector<AppEndpoint>& endpoints) {
  std::vector<std::string> found;
  for (const AppEndpoint& endpoint : endpoints) {
    if (endpoint.name != piece.text || endpoint.port == 0) continue;
    found.push_back(piece.part == "host" ? endpoint.host
                    : piece.part == "port"
                        ? absl::StrCat(endpoint.port)
                        : absl::StrCat(endpoint.host, ":", endpoint.port));
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

absl::StatusOr<std::vector<LatePiece>> OutputPieces(
    const registry::RelationOutput& output, const OutputService& service) {
  std::vector<LatePiece> pieces;
  const bool is_list = output.type == OutputType::kList;
  ORRERY_RETURN_IF_ERROR(
      PieceMaker(service, is_list).Add(output.value, 0, &pieces));
  if (IsText(pieces) &&
      !registry::IsOfOutputType(TextOf(pieces), output.type)) {
    return TypeFault(absl::StrCat("an output of ", service.id, " is ",
                                  registry::OutputTypeName(output.type),
                                  ", and what it is made of is \"",
                                  TextOf(pieces), "\""));
  }
  return pieces;
}

JsonValue StaticValue(OutputType type, const std::vector<LatePiece>& pieces) {
  if (type == OutputType::kList) {
    JsonValue list = JsonValue::Array();
    for (const LatePiece& piece : pieces) {
      list.items().push_back(JsonValue::String(piece.text));
    }
    return list;
  }
  std::string text = TextOf(pieces);
  switch (type) {
    case OutputType::kInteger:
    case OutputType::kNumber:
      return JsonValue::NumberText(std::move(text));
    case OutputType::kBoolean:
      return JsonValue::Bool(text == "true");
    default:
      return JsonValue::String(std::move(text));
  }
}

std::optional<std::vector<std::string>> LateTexts(
    const std::vector<LatePiece>& pieces, bool is_list,
    const EndpointsOf& endpoints) {
  std::vector<std::string> texts;
  for (const LatePiece& piece : pieces) {
    if (piece.kind == Kind::kText) {
      texts.push_back(piece.text);
      continue;
    }
    std::vector<std::string> found = PlacesOf(piece, endpoints(piece.service));
    if (found.empty()) return std::nullopt;
    if (piece.kind == Kind::kAddress) found.resize(1);
    if (!is_list || !piece.join.empty()) {
      found = {absl::StrJoin(found, piece.join)};
    }
    texts.insert(texts.end(), found.begin(), found.end());
  }
  if (!is_list) texts = {absl::StrJoin(texts, "")};
  return texts;
}

}  // namespace orrery::catalog
