// A list that grows in pieces.

#ifndef RESOLVER_INTERNAL_STABLE_LIST_H_
#define RESOLVER_INTERNAL_STABLE_LIST_H_

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace orrery::resolver::internal {

// Elements stay where they are. One allocation for many of them, and an element
// is two loads away, which std::deque promises only for small ones.
template <typename T>
class StableList {
 public:
  StableList() = default;
  StableList(const StableList&) = delete;
  StableList& operator=(const StableList&) = delete;
  ~StableList() {
    for (size_t i = 0; i < size_; ++i) std::destroy_at(&(*this)[i]);
    for (T* piece : pieces_) std::allocator<T>().deallocate(piece, kPiece);
  }

  T& push_back(T&& element) {
    if (size_ == pieces_.size() * kPiece) {
      pieces_.push_back(std::allocator<T>().allocate(kPiece));
    }
    return *std::construct_at(&(*this)[size_++], std::move(element));
  }

  T& operator[](size_t index) {
    return pieces_[index / kPiece][index % kPiece];
  }
  const T& operator[](size_t index) const {
    return pieces_[index / kPiece][index % kPiece];
  }
  size_t size() const { return size_; }

 private:
  static constexpr size_t kPiece = 64;

  std::vector<T*> pieces_;
  size_t size_ = 0;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_STABLE_LIST_H_
