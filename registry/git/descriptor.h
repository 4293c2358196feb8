#ifndef REGISTRY_GIT_DESCRIPTOR_H_
#define REGISTRY_GIT_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace orrery::registry {

// A file descriptor that is closed at the end. Negative: none.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  ~Descriptor() { Close(); }
  Descriptor(Descriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }

  int get() const { return number_; }
  bool ok() const { return number_ >= 0; }
  void Close() {
    if (ok()) ::close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_GIT_DESCRIPTOR_H_
