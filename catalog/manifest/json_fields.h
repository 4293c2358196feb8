// Typed access to the members of a JSON object that notes what has the wrong
// type, in Marathon's path form and words.

#ifndef CATALOG_MANIFEST_JSON_FIELDS_H_
#define CATALOG_MANIFEST_JSON_FIELDS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/manifest/marathon_app.h"
#include "catalog/manifest/violation.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// A member that is absent or null leaves its target as it was. `violations`
// must outlive the object.
class JsonFields {
 public:
  // `path` is where the object stands, "" for the root.
  JsonFields(const registry::JsonValue& object, std::string path,
             std::vector<Violation>* violations);

  // Null when absent or null.
  const registry::JsonValue* Find(absl::string_view name) const;
  bool Has(absl::string_view name) const { return Find(name) != nullptr; }
  std::string PathOf(absl::string_view name) const;
  void Fault(absl::string_view name, absl::string_view text) const;

  void Read(absl::string_view name, std::string* target) const;
  void Read(absl::string_view name, std::optional<std::string>* target) const;
  void Read(absl::string_view name, bool* target) const;
  void Read(absl::string_view name, int* target) const;
  void Read(absl::string_view name, int64_t* target) const;
  void Read(absl::string_view name, std::optional<int>* target) const;
  void Read(absl::string_view name, std::optional<int64_t>* target) const;
  void Read(absl::string_view name, double* target) const;
  void Read(absl::string_view name, std::optional<double>* target) const;
  void Read(absl::string_view name, std::vector<std::string>* target) const;
  // An object of strings.
  void Read(absl::string_view name, NamedTexts* target) const;
  // A number of seconds.
  void ReadSeconds(absl::string_view name, absl::Duration* target) const;
  void ReadSeconds(absl::string_view name,
                   std::optional<absl::Duration>* target) const;

  // Calls `read` with the object there; false when it is absent.
  bool ReadObject(absl::string_view name,
                  const std::function<void(const JsonFields&)>& read) const;
  // Calls `read` with each object of the array there; false when it is absent.
  bool ReadObjects(absl::string_view name,
                   const std::function<void(const JsonFields&)>& read) const;

 private:
  template <typename T, typename Convert>
  void ReadAs(absl::string_view name, absl::string_view expected,
              const Convert& convert, T* target) const;

  const registry::JsonValue& object_;
  const std::string path_;
  std::vector<Violation>* const violations_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_MANIFEST_JSON_FIELDS_H_
