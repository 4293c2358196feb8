#include "catalog/rendering/rendered_text.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

#include "catalog/options/schema_node.h"
#include "catalog/options/secret_option.h"
#include "catalog/rendering/mustache_template.h"
#include "catalog/rendering/template_value.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

constexpr absl::string_view kLinePayload = "orrery.template.line";
constexpr size_t kExcerptBefore = 60;
constexpr size_t kExcerptBytes = 120;

void CollectSecrets(const SchemaNode& node, const JsonValue& value,
                    std::vector<std::string>* secrets) {
  for (const auto& [name, member] : value.members()) {
    const SchemaNode child = node.Child(name);
    if (member.is_string() && !member.text().empty() &&
        IsSecretOption(name, child, member)) {
      secrets->push_back(EscapedText(member.text()));
    }
    CollectSecrets(child, member, secrets);
  }
  for (const JsonValue& item : value.items()) {
    CollectSecrets(node.Item(), item, secrets);
  }
}

// Byte for byte, so that places stay where they are.
std::string Masked(absl::string_view text,
                   const std::vector<std::string>& secrets) {
  std::string masked(text);
  for (const std::string& secret : secrets) {
    for (size_t at = text.find(secret); at != absl::string_view::npos;
         at = text.find(secret, at + secret.size())) {
      std::fill_n(masked.begin() + static_cast<std::ptrdiff_t>(at),
                  secret.size(), '*');
    }
  }
  return masked;
}

size_t OffsetOf(absl::string_view text, const registry::JsonPlace& place) {
  size_t start = 0;
  for (int line = 1; line < place.line; ++line) {
    const size_t end = text.find('\n', start);
    if (end == absl::string_view::npos) break;
    start = end + 1;
  }
  return std::min(text.size(), start + static_cast<size_t>(place.column) - 1);
}

// One line of `text` around `offset`, as a JSON string.
std::string Excerpt(absl::string_view text, size_t offset) {
  size_t start = offset > kExcerptBefore ? offset - kExcerptBefore : 0;
  while (start < offset &&
         (static_cast<unsigned char>(text[start]) & 0xc0U) == 0x80) {
    ++start;
  }
  size_t end = std::min(text.size(), start + kExcerptBytes);
  while (end < text.size() && end > offset &&
         (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) {
    --end;
  }
  return registry::JsonString(text.substr(start, end - start));
}

absl::Status Explain(absl::string_view text, const absl::Status& fault,
                     const Template& source, const JsonValue& context,
                     const JsonValue* config) {
  const JsonValue no_schema = JsonValue::Object();
  std::vector<std::string> secrets;
  CollectSecrets(SchemaNode::Root(config == nullptr ? no_schema : *config),
                 context, &secrets);
  std::string message = "the rendered text is not JSON: ";
  const std::optional<registry::JsonPlace> place = registry::FaultPlace(fault);
  if (secrets.empty()) {
    absl::StrAppend(&message, fault.message());
  } else if (place.has_value()) {
    // The parser's own words may quote what it found.
    absl::StrAppend(&message, "line ", place->line, ", column ", place->column);
  }
  if (!place.has_value()) return absl::FailedPreconditionError(message);
  const size_t offset = OffsetOf(text, *place);
  absl::StrAppend(&message, ", in ", Excerpt(Masked(text, secrets), offset));
  // A fault at the very end is seen behind the last byte.
  const size_t printed =
      offset < text.size() || offset == 0 ? offset : offset - 1;
  const std::optional<TemplatePlace> origin =
      source.PlaceOfOutput(context, printed);
  if (origin.has_value()) {
    absl::StrAppend(&message, "; it comes from line ", origin->line,
                    " of marathon.json.mustache");
    if (!origin->name.empty()) {
      absl::StrAppend(&message, ", {{", ShownTag(origin->name), "}}");
    }
  }
  absl::Status status = absl::FailedPreconditionError(message);
  if (origin.has_value()) {
    status.SetPayload(kLinePayload, absl::Cord(absl::StrCat(origin->line)));
  }
  return status;
}

}  // namespace

std::optional<int> TemplateLineOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kLinePayload);
  int line = 0;
  if (!payload.has_value() || !absl::SimpleAtoi(std::string(*payload), &line)) {
    return std::nullopt;
  }
  return line;
}

absl::StatusOr<registry::JsonDocument> ParseRenderedText(
    absl::string_view text, const Template& source, const JsonValue& context,
    const JsonValue* config) {
  registry::JsonLimits limits;
  limits.max_bytes = RenderLimits().max_output_bytes;
  // A template prints an integral double with all of its digits.
  limits.max_number_length = 8192;
  absl::StatusOr<registry::JsonDocument> document =
      registry::ParseJson(text, limits);
  if (!document.ok()) {
    return Explain(text, document.status(), source, context, config);
  }
  return document;
}

}  // namespace orrery::catalog
