// Paging of lists (AIP-158): sizes with a default and a ceiling, tokens that
// are opaque and belong to one list. A token names the item that its page ended
// with, so that what is in the list all the time is on one page, whatever comes
// and goes meanwhile.

#ifndef REGISTRY_API_PAGE_H_
#define REGISTRY_API_PAGE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace orrery::registry {

struct PageLimits {
  int32_t default_size = 100;
  int32_t max_size = 1000;
};

// What a request says about the page it wants.
struct PageRequest {
  // Tells the list and the other arguments of the request apart: a token is
  // good for the same only.
  std::string list;
  int32_t page_size = 0;
  std::string page_token;
  PageLimits limits = {};
};

// The page of a request for `list`.
template <typename Request>
PageRequest PageRequestOf(absl::string_view list, const Request& request,
                          const PageLimits& limits = {}) {
  return {std::string(list), request.page_size(), request.page_token(), limits};
}

// At most `size` items, of those whose keys come behind `after`.
struct KeyPage {
  // Empty for the first page.
  std::string after;
  size_t size = 0;
};

// kInvalidArgument for a negative size or a token of another list.
absl::StatusOr<KeyPage> KeyPageOf(const PageRequest& request);

// The token of the page behind the one that ends with the item of `key`.
std::string TokenAfter(absl::string_view list, absl::string_view key);

// Which items of a list that is at hand are on a page: [begin, end).
struct Page {
  size_t begin = 0;
  size_t end = 0;
  // Of the next page; empty on the last.
  std::string next_token;
};

// Gives the i-th item its key: the list is sorted by keys, which are compared
// as bytes and differ.
using KeyOf = std::function<std::string(size_t i)>;

// Errors as KeyPageOf.
absl::StatusOr<Page> PageOf(const PageRequest& request, size_t total,
                            const KeyOf& key);

// A text of fixed length; such texts sort as the numbers do.
std::string SortableNumber(int64_t number);

}  // namespace orrery::registry

#endif  // REGISTRY_API_PAGE_H_
