#include "catalog/operation/late_value.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

#include "catalog/options/options_schema.h"
#include "registry/format/json_parse.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

class Filler {
 public:
  Filler(const LateOption& late, const std::vector<std::string>& texts)
      : late_(late),
        texts_(texts),
        whole_(absl::StrJoin(texts, late.is_list ? late.join : "")) {}

  void Fill(JsonValue* json) const {
    if (json->is_string() &&
        absl::StrContains(json->text(), late_.placeholder)) {
      *json = JsonValue::String(
          absl::StrReplaceAll(json->text(), {{late_.placeholder, whole_}}));
    } else if (json->is_number() && json->text() == late_.placeholder) {
      *json = JsonValue::NumberText(whole_);
    } else if (json->is_array()) {
      FillItems(&json->items());
    }
    for (JsonValue::Member& member : json->members()) Fill(&member.value);
  }

 private:
  void FillItems(std::vector<JsonValue>* items) const {
    std::vector<JsonValue> filled;
    for (JsonValue& item : *items) {
      if (late_.is_list && item.is_string() &&
          item.text() == late_.placeholder) {
        for (const std::string& text : texts_) {
          filled.push_back(JsonValue::String(text));
        }
        continue;
      }
      Fill(&item);
      filled.push_back(std::move(item));
    }
    *items = std::move(filled);
  }

  const LateOption& late_;
  const std::vector<std::string>& texts_;
  const std::string whole_;
};

}  // namespace

void FillPlaceholder(const LateOption& late,
                     const std::vector<std::string>& texts, JsonValue* json) {
  Filler(late, texts).Fill(json);
}

absl::Status CheckLateValue(const LateOption& late, const JsonValue& options) {
  const JsonValue* value = registry::AtPointer(options, late.option);
  if (late.schema.empty() || value == nullptr) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(registry::JsonDocument own,
                          registry::ParseJson(late.schema));
  const absl::StatusOr<OptionsSchema> schema =
      OptionsSchema::Compile(JsonValue::Object(
          {{"properties",
            JsonValue::Object({{"value", std::move(own.root)}})}}));
  // It refers to what stands elsewhere in its config.json.
  if (!schema.ok()) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(
      const std::vector<OptionFault> faults,
      schema->Validate(JsonValue::Object({{"value", *value}})));
  if (faults.empty()) return absl::OkStatus();
  return registry::WithReason(
      absl::FailedPreconditionError(absl::StrCat(
          "output ", late.output, " of ", late.provider, " is ",
          registry::WriteJson(*value), ", and option ", late.option, " wants ",
          faults.front().wanted, "; give the option yourself")),
      "OPTIONS_INVALID");
}

}  // namespace orrery::catalog
