// The dialect of Mustache that packages are written in (rendering §6, §7):
// mustache.java 0.9.6 as Cosmos used it, without its reflection, partials and
// file access.

#ifndef CATALOG_RENDERING_MUSTACHE_H_
#define CATALOG_RENDERING_MUSTACHE_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"

namespace orrery::catalog {

struct RenderLimits {
  size_t max_output_bytes = size_t{8} << 20;
  // Nodes of the template that are visited.
  size_t max_steps = 20'000'000;
};

inline constexpr int kMaxSectionDepth = 64;

struct TemplatePlace {
  // From 1.
  int line = 0;
  // Of the tag; empty for text between tags.
  std::string name;
};

// A parsed template. Immutable, copies share their state, thread-safe; keep it
// per digest of the text.
class Template {
 public:
  // kInvalidArgument of registry::JsonFaultAt for a malformed template
  // (rendering §7.7) or sections nested deeper than kMaxSectionDepth.
  static absl::StatusOr<Template> Parse(absl::string_view text);

  // The text for `context`, an object; a pure function of both.
  // kResourceExhausted when a limit is reached.
  absl::StatusOr<std::string> Render(const registry::JsonValue& context,
                                     const RenderLimits& limits = {}) const;

  // Which line and tag prints the byte at `output_offset` of the text that
  // Render gives for the same arguments; nothing behind its end.
  std::optional<TemplatePlace> PlaceOfOutput(
      const registry::JsonValue& context, size_t output_offset,
      const RenderLimits& limits = {}) const;

 private:
  struct Parsed;
  explicit Template(std::shared_ptr<const Parsed> parsed);

  std::shared_ptr<const Parsed> parsed_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_RENDERING_MUSTACHE_H_
