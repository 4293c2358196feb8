#ifndef CATALOG_RENDERING_MUSTACHE_TEMPLATE_H_
#define CATALOG_RENDERING_MUSTACHE_TEMPLATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::catalog {

// A piece of a parsed template (rendering §7.1).
struct TemplateNode {
  enum class Kind : uint8_t {
    // `text` is printed.
    kText,
    // The value called `text` is printed.
    kValue,
    // `children` once, per item, or not at all, with a scope.
    kSection,
    // `children` if the value is falsy.
    kInverted,
    // `children` in any case.
    kBlock,
  };

  Kind kind = Kind::kText;
  std::string text;
  // `text` between its dots; empty for an undotted name.
  std::vector<std::string> parts;
  std::vector<TemplateNode> children;
  // A section's body as it was written, for asJson only.
  std::string raw_body;
  // Of the tag or the text's first byte in the template.
  uint32_t offset = 0;
};

// The nodes of a template with the white space of rendering §7.5 settled.
// kInvalidArgument of registry::JsonFaultAt (rendering §7.7).
absl::StatusOr<std::vector<TemplateNode>> ParseTemplate(absl::string_view text);

// A tag, or its name, for a message: one line, not too long.
std::string ShownTag(absl::string_view source);

}  // namespace orrery::catalog

#endif  // CATALOG_RENDERING_MUSTACHE_TEMPLATE_H_
