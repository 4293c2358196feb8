#ifndef CATALOG_OPTIONS_JSON_TESTING_H_
#define CATALOG_OPTIONS_JSON_TESTING_H_

#include <utility>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// The value in `text`; a failed expectation and null when it is no JSON.
inline registry::JsonValue Json(absl::string_view text) {
  absl::StatusOr<registry::JsonDocument> document = registry::ParseJson(text);
  EXPECT_TRUE(document.ok()) << document.status() << " in " << text;
  return document.ok() ? std::move(document->root) : registry::JsonValue();
}

}  // namespace orrery::catalog

#endif  // CATALOG_OPTIONS_JSON_TESTING_H_
