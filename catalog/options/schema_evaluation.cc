#include "catalog/options/schema_evaluation.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

#include "catalog/options/canonical_text.h"
#include "catalog/options/decimal.h"
#include "catalog/options/schema_node.h"
#include "catalog/options/string_format.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;
using registry::PointerStep;

// About half a second. The largest published package needs less than a
// hundredth.
constexpr int64_t kMaxSteps = 10'000'000;
constexpr size_t kStepsPerSchema = 10;
constexpr size_t kStepsPerFault = 500;
constexpr size_t kMembersPerStep = 16;
constexpr size_t kBytesPerStep = 16;

bool HasType(const JsonValue& value, absl::string_view type) {
  switch (value.kind()) {
    case JsonValue::Kind::kNull:
      return type == "null";
    case JsonValue::Kind::kBool:
      return type == "boolean";
    case JsonValue::Kind::kNumber:
      return type == "number" ||
             (type == "integer" && ParseDecimal(value.text()).integral());
    case JsonValue::Kind::kString:
      return type == "string";
    case JsonValue::Kind::kArray:
      return type == "array";
    case JsonValue::Kind::kObject:
      return type == "object";
  }
  return false;
}

int CompareCount(size_t count, const JsonValue& bound) {
  return CompareDecimals(ParseDecimal(absl::StrCat(count)),
                         ParseDecimal(bound.text()));
}

size_t CodePoints(absl::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; }));
}

bool IsTrue(const JsonValue* value) {
  return value != nullptr && value->bool_value();
}

bool IsFalse(const JsonValue* value) {
  return value != nullptr && value->is_bool() && !value->bool_value();
}

class Evaluation {
 public:
  Evaluation(const JsonValue& config, const PatternSet& patterns)
      : config_(config), patterns_(patterns) {}

  void Evaluate(const JsonValue& schema, const JsonValue& value) {
    if (!Spend(kStepsPerSchema)) return;
    if (const JsonValue* reference = schema.Find("$ref")) {
      std::string outer = reference->text().substr(1);
      std::swap(schema_pointer_, outer);
      Evaluate(*ResolveReference(config_, reference->text()), value);
      std::swap(schema_pointer_, outer);
      return;
    }
    CheckType(schema, value);
    CheckEnum(schema, value);
    if (value.is_number()) CheckNumber(schema, value);
    if (value.is_string()) CheckString(schema, value);
    if (value.is_array()) CheckArray(schema, value);
    if (value.is_object()) CheckObject(schema, value);
    CheckCombinations(schema, value);
  }

  bool exhausted() const { return steps_ > kMaxSteps; }

  std::vector<BrokenKeyword> Take() { return std::move(broken_); }

 private:
  // Lengthens a pointer for as long as it lives.
  class Step {
   public:
    Step(std::string* pointer, absl::string_view step)
        : pointer_(pointer), length_(pointer->size()) {
      pointer_->append(step.data(), step.size());
    }
    ~Step() { pointer_->resize(length_); }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;

   private:
    std::string* pointer_;
    size_t length_;
  };

  bool Spend(size_t steps) {
    steps_ += static_cast<int64_t>(steps);
    return !exhausted();
  }

  std::string Canonical(const JsonValue& value) {
    std::string text = CanonicalText(value);
    Spend(1 + text.size() / kBytesPerStep);
    return text;
  }

  const JsonValue* Look(const JsonValue& object, absl::string_view name) {
    return Spend(1 + object.members().size() / kMembersPerStep)
               ? object.Find(name)
               : nullptr;
  }

  void Break(const JsonValue& schema, absl::string_view keyword,
             const JsonValue* value) {
    // A fault costs memory, a step only time.
    if (!Spend(kStepsPerFault)) return;
    broken_.push_back(
        {pointer_, schema_pointer_, std::string(keyword), &schema, value});
  }

  void BreakMember(const JsonValue& schema, absl::string_view keyword,
                   absl::string_view name, const JsonValue* value) {
    const Step step(&pointer_, PointerStep(name));
    Break(schema, keyword, value);
  }

  void CheckType(const JsonValue& schema, const JsonValue& value) {
    const JsonValue* type = schema.Find("type");
    if (type == nullptr) return;
    bool fits = type->is_string() && HasType(value, type->text());
    for (const JsonValue& item : type->items()) {
      fits |= HasType(value, item.text());
    }
    if (!fits) Break(schema, "type", &value);
  }

  void CheckEnum(const JsonValue& schema, const JsonValue& value) {
    const JsonValue* allowed = schema.Find("enum");
    if (allowed == nullptr) return;
    const std::string text = Canonical(value);
    const bool found =
        std::any_of(allowed->items().begin(), allowed->items().end(),
                    [this, &text](const JsonValue& item) {
                      return !exhausted() && Canonical(item) == text;
                    });
    if (!found) Break(schema, "enum", &value);
  }

  void CheckNumber(const JsonValue& schema, const JsonValue& value) {
    const Decimal number = ParseDecimal(value.text());
    if (const JsonValue* minimum = schema.Find("minimum")) {
      const int order = CompareDecimals(number, ParseDecimal(minimum->text()));
      if (order < 0 ||
          (order == 0 && IsTrue(schema.Find("exclusiveMinimum")))) {
        Break(schema, "minimum", &value);
      }
    }
    if (const JsonValue* maximum = schema.Find("maximum")) {
      const int order = CompareDecimals(number, ParseDecimal(maximum->text()));
      if (order > 0 ||
          (order == 0 && IsTrue(schema.Find("exclusiveMaximum")))) {
        Break(schema, "maximum", &value);
      }
    }
    if (const JsonValue* divisor = schema.Find("multipleOf");
        divisor != nullptr &&
        !IsMultipleOf(number, ParseDecimal(divisor->text()))) {
      Break(schema, "multipleOf", &value);
    }
  }

  void CheckBounds(const JsonValue& schema, const JsonValue& value,
                   size_t count, absl::string_view lower,
                   absl::string_view upper) {
    const JsonValue* least = schema.Find(lower);
    if (least != nullptr && CompareCount(count, *least) < 0) {
      Break(schema, lower, &value);
    }
    const JsonValue* most = schema.Find(upper);
    if (most != nullptr && CompareCount(count, *most) > 0) {
      Break(schema, upper, &value);
    }
  }

  void CheckString(const JsonValue& schema, const JsonValue& value) {
    if (!Spend(value.text().size() / kBytesPerStep)) return;
    CheckBounds(schema, value, CodePoints(value.text()), "minLength",
                "maxLength");
    if (const JsonValue* pattern = schema.Find("pattern");
        pattern != nullptr && Spend(value.text().size()) &&
        !patterns_.Matches(pattern->text(), value.text())) {
      Break(schema, "pattern", &value);
    }
    if (!HasStringFormat(schema.FindString("format"), value.text())) {
      Break(schema, "format", &value);
    }
  }

  void CheckArray(const JsonValue& schema, const JsonValue& value) {
    CheckBounds(schema, value, value.items().size(), "minItems", "maxItems");
    if (IsTrue(schema.Find("uniqueItems"))) {
      absl::flat_hash_set<std::string> seen;
      const bool unique =
          std::all_of(value.items().begin(), value.items().end(),
                      [this, &seen](const JsonValue& item) {
                        return seen.insert(Canonical(item)).second;
                      });
      if (!unique) Break(schema, "uniqueItems", &value);
    }
    const JsonValue* items = schema.Find("items");
    if (items == nullptr) return;
    const size_t positions = items->is_array() ? items->items().size() : 0;
    const JsonValue* rest =
        items->is_array() ? schema.Find("additionalItems") : items;
    for (size_t i = 0; i < value.items().size(); ++i) {
      const Step step(&pointer_, absl::StrCat("/", i));
      const JsonValue& item = value.items()[i];
      if (i < positions) {
        EvaluateBelow(absl::StrCat("/items/", i), items->items()[i], item);
      } else if (IsFalse(rest)) {
        Break(schema, "additionalItems", &item);
      } else if (rest != nullptr && rest->is_object()) {
        EvaluateBelow(items->is_array() ? "/additionalItems" : "/items", *rest,
                      item);
      }
    }
  }

  void CheckObject(const JsonValue& schema, const JsonValue& value) {
    CheckBounds(schema, value, value.members().size(), "minProperties",
                "maxProperties");
    if (const JsonValue* required = schema.Find("required")) {
      for (const JsonValue& name : required->items()) {
        if (Look(value, name.text()) == nullptr && !exhausted()) {
          BreakMember(schema, "required", name.text(), nullptr);
        }
      }
    }
    for (const auto& [name, member] : value.members()) {
      CheckMember(schema, name, member);
    }
    const JsonValue* dependencies = schema.Find("dependencies");
    if (dependencies == nullptr) return;
    for (const auto& [name, needed] : dependencies->members()) {
      if (Look(value, name) == nullptr) continue;
      if (needed.is_object()) {
        EvaluateBelow(absl::StrCat("/dependencies", PointerStep(name)), needed,
                      value);
      }
      for (const JsonValue& other : needed.items()) {
        if (Look(value, other.text()) == nullptr) {
          BreakMember(schema, "dependencies", other.text(), nullptr);
        }
      }
    }
  }

  void CheckMember(const JsonValue& schema, absl::string_view name,
                   const JsonValue& member) {
    const Step step(&pointer_, PointerStep(name));
    bool covered = false;
    if (const JsonValue* properties = schema.Find("properties")) {
      if (const JsonValue* property = Look(*properties, name)) {
        covered = true;
        EvaluateBelow(absl::StrCat("/properties", PointerStep(name)), *property,
                      member);
      }
    }
    if (const JsonValue* patterns = schema.Find("patternProperties")) {
      for (const auto& [pattern, property] : patterns->members()) {
        if (!Spend(name.size()) || !patterns_.Matches(pattern, name)) continue;
        covered = true;
        EvaluateBelow(absl::StrCat("/patternProperties", PointerStep(pattern)),
                      property, member);
      }
    }
    if (covered || exhausted()) return;
    const JsonValue* additional = schema.Find("additionalProperties");
    if (additional == nullptr) return;
    if (additional->is_object()) {
      EvaluateBelow("/additionalProperties", *additional, member);
    } else if (IsFalse(additional)) {
      Break(schema, "additionalProperties", &member);
    }
  }

  void EvaluateBelow(absl::string_view step, const JsonValue& schema,
                     const JsonValue& value) {
    const Step below(&schema_pointer_, step);
    Evaluate(schema, value);
  }

  // What the schema would break, without counting it.
  std::vector<BrokenKeyword> Try(absl::string_view step,
                                 const JsonValue& schema,
                                 const JsonValue& value) {
    std::vector<BrokenKeyword> result;
    std::swap(broken_, result);
    EvaluateBelow(step, schema, value);
    std::swap(broken_, result);
    return result;
  }

  void CheckCombinations(const JsonValue& schema, const JsonValue& value) {
    if (const JsonValue* all = schema.Find("allOf")) {
      for (size_t i = 0; i < all->items().size(); ++i) {
        EvaluateBelow(absl::StrCat("/allOf/", i), all->items()[i], value);
      }
    }
    CheckBranches(schema, value, "anyOf");
    CheckBranches(schema, value, "oneOf");
    if (const JsonValue* forbidden = schema.Find("not")) {
      if (Try("/not", *forbidden, value).empty()) Break(schema, "not", &value);
    }
  }

  void CheckBranches(const JsonValue& schema, const JsonValue& value,
                     absl::string_view keyword) {
    const JsonValue* branches = schema.Find(keyword);
    if (branches == nullptr) return;
    size_t fitting = 0;
    std::vector<std::vector<BrokenKeyword>> near;
    for (size_t i = 0; i < branches->items().size(); ++i) {
      std::vector<BrokenKeyword> broken =
          Try(absl::StrCat("/", keyword, "/", i), branches->items()[i], value);
      if (broken.empty()) ++fitting;
      const bool other_choice = std::any_of(
          broken.begin(), broken.end(), [](const BrokenKeyword& fault) {
            return fault.keyword == "enum" || fault.keyword == "type" ||
                   fault.keyword == "not";
          });
      if (!other_choice) near.push_back(std::move(broken));
    }
    if (fitting == 1 || (fitting > 1 && keyword == "anyOf")) return;
    if (fitting == 0 && near.size() == 1) {
      std::move(near[0].begin(), near[0].end(), std::back_inserter(broken_));
    } else {
      Break(schema, keyword, &value);
    }
  }

  const JsonValue& config_;
  const PatternSet& patterns_;
  std::string pointer_;
  std::string schema_pointer_;
  std::vector<BrokenKeyword> broken_;
  int64_t steps_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<BrokenKeyword>> EvaluateSchema(
    const JsonValue& config, const PatternSet& patterns,
    const JsonValue& value) {
  Evaluation evaluation(config, patterns);
  evaluation.Evaluate(config, value);
  if (evaluation.exhausted()) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "checking the options against config.json takes more than ", kMaxSteps,
        " steps"));
  }
  std::vector<BrokenKeyword> broken = evaluation.Take();
  const auto key = [](const BrokenKeyword& fault) {
    return std::tie(fault.pointer, fault.keyword);
  };
  std::stable_sort(broken.begin(), broken.end(),
                   [&key](const BrokenKeyword& a, const BrokenKeyword& b) {
                     return key(a) < key(b);
                   });
  broken.erase(
      std::unique(broken.begin(), broken.end(),
                  [&key](const BrokenKeyword& a, const BrokenKeyword& b) {
                    return key(a) == key(b);
                  }),
      broken.end());
  return broken;
}

}  // namespace orrery::catalog
