// Paths of the API: `/v1/sources/{source}:sync`.

#ifndef SERVER_API_PATH_TEMPLATE_H_
#define SERVER_API_PATH_TEMPLATE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace orrery::server {

// A variable is a whole segment, except that the last segment may end in a
// custom verb (`:sync`). Matching is by segment, before percent-decoding: `%2F`
// and `%3A` never separate anything.
class PathTemplate {
 public:
  // Names of the variables with their decoded values.
  using Variables = std::vector<std::pair<std::string, std::string>>;

  // Requires: `text` is well-formed.
  explicit PathTemplate(absl::string_view text);

  const std::string& text() const { return text_; }
  // Names of the variables, in order.
  const std::vector<std::string>& variables() const { return variables_; }

  // Nothing when `path` is another one, or when a variable would be empty or
  // is badly encoded.
  std::optional<Variables> Match(absl::string_view path) const;

 private:
  struct Segment {
    std::string text;
    bool is_variable = false;
  };

  // Whether `path`, without its first slash, has as many segments and the same
  // ones where they are no variables. Most paths are not the ones asked for.
  bool HasShape(absl::string_view path) const;

  std::string text_;
  std::vector<Segment> segments_;
  // Of the last segment, with the colon; empty when there is none.
  std::string verb_;
  std::vector<std::string> variables_;
};

}  // namespace orrery::server

#endif  // SERVER_API_PATH_TEMPLATE_H_
