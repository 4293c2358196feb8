#include "resolver/metadata_source.h"

#include "absl/strings/str_cat.h"

namespace orrery::resolver {

std::string NodeText(const Node& node, MetadataSource& source) {
  const absl::string_view name = source.Name(node.package);
  if (node.instance.empty()) return std::string(name);
  return absl::StrCat(name, "@", node.instance);
}

}  // namespace orrery::resolver
