// Numbers of packages to numbers of something of theirs.

#ifndef RESOLVER_INTERNAL_PACKAGE_INDEX_H_
#define RESOLVER_INTERNAL_PACKAGE_INDEX_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "resolver/relations.h"

namespace orrery::resolver::internal {

// A table, since sources number packages from 0 on; in pages, since most
// packages of a large source are never asked for.
class PackageIndex {
 public:
  static constexpr uint32_t kNone = ~uint32_t{0};

  // kNone if nothing is set.
  uint32_t Get(PackageId package) const {
    const auto number = static_cast<size_t>(package);
    const size_t page = number / kPageSize;
    if (page >= pages_.size() || pages_[page] == nullptr) return kNone;
    return (*pages_[page])[number % kPageSize];
  }

  // Null if nothing is set; valid for as long as this is.
  const uint32_t* Find(PackageId package) const {
    if (Get(package) == kNone) return nullptr;
    const auto number = static_cast<size_t>(package);
    return &(*pages_[number / kPageSize])[number % kPageSize];
  }

  void Set(PackageId package, uint32_t value) {
    const auto number = static_cast<size_t>(package);
    const size_t page = number / kPageSize;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (pages_[page] == nullptr) {
      pages_[page] = std::make_unique<Page>();
      pages_[page]->fill(kNone);
    }
    (*pages_[page])[number % kPageSize] = value;
  }

 private:
  static constexpr size_t kPageSize = 256;
  using Page = std::array<uint32_t, kPageSize>;

  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_PACKAGE_INDEX_H_
