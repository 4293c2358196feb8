#include "catalog/manifest/violation.h"

#include "re2/re2.h"

namespace orrery::catalog {

std::string PointerOfPath(absl::string_view path) {
  if (path == "/") return "";
  std::string pointer(path);
  RE2::GlobalReplace(&pointer, R"(\((\d+)\))", R"(/\1)");
  return pointer;
}

}  // namespace orrery::catalog
