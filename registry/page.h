// Paging of lists (AIP-158): sizes with a default and a ceiling, tokens that
// are opaque and belong to one list.

#ifndef REGISTRY_PAGE_H_
#define REGISTRY_PAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::registry {

struct PageLimits {
  int32_t default_size = 100;
  int32_t max_size = 1000;
};

// Which items of a list of `total` a request means: [begin, end).
struct Page {
  size_t begin = 0;
  size_t end = 0;
  // Of the next page; empty on the last.
  std::string next_token;
};

// `list` tells the list and the other arguments of the request apart: a token
// is good for the same only. kInvalidArgument for a negative size or a token of
// another list.
absl::StatusOr<Page> PageOf(absl::string_view list, size_t total,
                            int32_t page_size, absl::string_view page_token,
                            const PageLimits& limits = {});

// A part of a list that is sorted by name: at most `size` items whose names
// come behind `after`.
struct NamePage {
  std::string after;
  size_t size = 0;
};

// As PageOf, for a list that may change from page to page: what is in it all
// the time is on one page.
absl::StatusOr<NamePage> NamePageOf(absl::string_view list, int32_t page_size,
                                    absl::string_view page_token);
// The token of the page behind the one that ends with `name`.
std::string TokenAfter(absl::string_view list, absl::string_view name);

}  // namespace orrery::registry

#endif  // REGISTRY_PAGE_H_
