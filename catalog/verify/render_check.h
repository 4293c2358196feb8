// One release as its template gives it, against the rules of universe-format
// §14 that need rendering, and those of Marathon.

#ifndef CATALOG_VERIFY_RENDER_CHECK_H_
#define CATALOG_VERIFY_RENDER_CHECK_H_

#include <optional>
#include <vector>

#include "absl/strings/string_view.h"

#include "catalog/rendering/render.h"
#include "registry/format/finding.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

struct RenderCheck {
  // About the files of the directory, by path, pointer and rule.
  std::vector<registry::Finding> findings;
  // With its labels; nothing when there is no template, or it gives none.
  std::optional<registry::JsonValue> app;
};

// `options` are a user's, an object, over the defaults. Where they do not fit
// the schema nothing is rendered. No findings about files that are no JSON:
// registry::CheckRelease says what is wrong there. Pure and thread-safe.
RenderCheck CheckRendering(absl::string_view directory,
                           const ReleaseBytes& release,
                           const registry::JsonValue& options,
                           registry::Profile profile);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_RENDER_CHECK_H_
