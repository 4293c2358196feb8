// One release as it is with the defaults of its options, against the rules of
// universe-format §14 that need rendering.

#ifndef CATALOG_VERIFY_RENDER_CHECK_H_
#define CATALOG_VERIFY_RENDER_CHECK_H_

#include <vector>

#include "absl/strings/string_view.h"

#include "catalog/rendering/render.h"
#include "registry/format/finding.h"

namespace orrery::catalog {

// Findings about the files of `directory`, by path, pointer and rule. None of
// files that are no JSON: registry::CheckRelease says what is wrong there.
// Where the defaults do not fit their schema nothing is rendered. Pure and
// thread-safe.
std::vector<registry::Finding> CheckRendering(absl::string_view directory,
                                              const ReleaseBytes& release,
                                              registry::Profile profile);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_RENDER_CHECK_H_
