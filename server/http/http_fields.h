// Header fields of requests and responses.

#ifndef SERVER_HTTP_HTTP_FIELDS_H_
#define SERVER_HTTP_HTTP_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace orrery::server {

struct HttpField {
  absl::string_view name;
  absl::string_view value;
};

// Fields in the order they came or go out, as one text that can be sent. Names
// compare without case. Views of names and values end with the next change.
class HttpFields {
 public:
  // Line ends and NULs are left out, so that no value can add a field. `name`
  // has no colon.
  void Add(absl::string_view name, absl::string_view value);
  void AddAll(const HttpFields& others);
  // In place of all fields of that name.
  void Set(absl::string_view name, absl::string_view value);

  // The first of that name.
  std::optional<absl::string_view> Find(absl::string_view name) const;
  // Its value, or empty.
  absl::string_view Get(absl::string_view name) const;
  size_t Count(absl::string_view name) const;
  std::vector<HttpField> List() const;

  // `Name: value` and a line end for each.
  const std::string& text() const { return text_; }
  void Reserve(size_t count, size_t bytes);

 private:
  // Where a field lies in the text.
  struct Place {
    uint32_t begin = 0;
    uint32_t name_end = 0;
    uint32_t value_end = 0;
  };

  absl::string_view NameOf(const Place& place) const;
  absl::string_view ValueOf(const Place& place) const;

  std::string text_;
  std::vector<Place> places_;
};

}  // namespace orrery::server

#endif  // SERVER_HTTP_HTTP_FIELDS_H_
