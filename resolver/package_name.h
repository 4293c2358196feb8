#ifndef RESOLVER_PACKAGE_NAME_H_
#define RESOLVER_PACKAGE_NAME_H_

#include <compare>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::resolver {

// The name of a package: 2 to 64 characters of `[a-z0-9-]`, the first a letter,
// the last not a dash (universe-format §2).
class PackageName {
 public:
  // kInvalidArgument says which rule `text` breaks.
  static absl::StatusOr<PackageName> Parse(absl::string_view text);

  const std::string& text() const { return text_; }

  bool operator==(const PackageName&) const = default;
  auto operator<=>(const PackageName&) const = default;

 private:
  explicit PackageName(std::string text) : text_(std::move(text)) {}

  std::string text_;
};

}  // namespace orrery::resolver

#endif  // RESOLVER_PACKAGE_NAME_H_
