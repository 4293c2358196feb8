#include "catalog/options/canonical_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

#include "catalog/options/decimal.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

void AppendCanonical(const JsonValue& value, std::string* out) {
  if (value.is_number()) {
    const Decimal number = ParseDecimal(value.text());
    absl::StrAppend(out, number.negative ? "-" : "", number.digits, "e",
                    number.exponent);
  } else if (value.is_array()) {
    out->push_back('[');
    for (const JsonValue& item : value.items()) {
      AppendCanonical(item, out);
      out->push_back(',');
    }
    out->push_back(']');
  } else if (value.is_object()) {
    std::vector<const JsonValue::Member*> members;
    for (const auto& member : value.members()) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const auto* a, const auto* b) { return a->name < b->name; });
    out->push_back('{');
    for (const JsonValue::Member* member : members) {
      registry::AppendJsonString(member->name, out);
      out->push_back(':');
      AppendCanonical(member->value, out);
      out->push_back(',');
    }
    out->push_back('}');
  } else {
    out->append(registry::WriteJson(value));
  }
}

}  // namespace

std::string CanonicalText(const JsonValue& value) {
  std::string out;
  AppendCanonical(value, &out);
  return out;
}

}  // namespace orrery::catalog
