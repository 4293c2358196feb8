// Reads members of documents that this program itself has stored. What is
// missing or of another kind is kDataLoss, never a default.

#ifndef CATALOG_STORE_STORED_JSON_H_
#define CATALOG_STORE_STORED_JSON_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "registry/format/json_value.h"

namespace orrery::catalog {

// Collects the first fault of a document instead of returning one a member;
// check `status` once at the end.
class StoredObject {
 public:
  // `json` is borrowed. `what` names the document in errors.
  StoredObject(const registry::JsonValue& json, absl::string_view what);

  std::string String(absl::string_view name);
  int64_t Integer(absl::string_view name);
  // Microseconds since the epoch; null is nothing.
  std::optional<absl::Time> Time(absl::string_view name);
  std::vector<std::string> Strings(absl::string_view name);
  // Items of an array of objects.
  const std::vector<registry::JsonValue>& Items(absl::string_view name);
  // What `read`, given a StoredObject, makes of each item of such an array;
  // `what` names one in errors.
  template <typename Read>
  auto List(absl::string_view name, absl::string_view what, const Read& read) {
    std::vector<decltype(read(*this))> values;
    for (const registry::JsonValue& json : Items(name)) {
      StoredObject item(json, what);
      values.push_back(read(item));
      if (status_.ok()) status_ = item.status();
    }
    return values;
  }
  // Null and an absent member give nullptr and no fault.
  const registry::JsonValue* Optional(absl::string_view name);
  bool Has(absl::string_view name) { return Optional(name) != nullptr; }
  // The index of the member's string in `words`.
  size_t Word(absl::string_view name, const std::vector<std::string>& words);

  const absl::Status& status() const { return status_; }

 private:
  void Fail(absl::string_view name, absl::string_view wanted);

  const registry::JsonValue& json_;
  std::string what_;
  absl::Status status_;
};

registry::JsonValue StoredTime(std::optional<absl::Time> time);
registry::JsonValue StoredStrings(const std::vector<std::string>& texts);

template <typename T>
registry::JsonValue StoredList(const std::vector<T>& values,
                               registry::JsonValue (*to_json)(const T&)) {
  registry::JsonValue list = registry::JsonValue::Array();
  for (const T& value : values) list.items().push_back(to_json(value));
  return list;
}

// A string that holds `text`, which saves the conversions at every member.
registry::JsonValue StoredText(absl::string_view text);

}  // namespace orrery::catalog

#endif  // CATALOG_STORE_STORED_JSON_H_
