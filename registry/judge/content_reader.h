#ifndef REGISTRY_JUDGE_CONTENT_READER_H_
#define REGISTRY_JUDGE_CONTENT_READER_H_

#include <string>

#include "absl/status/statusor.h"

#include "signing/digest.h"

namespace orrery::registry {

// Bytes by their digest. Thread-safe.
class ContentReader {
 public:
  virtual ~ContentReader() = default;

  // kNotFound when they were never stored; kDataLoss when what is stored does
  // not have that digest.
  virtual absl::StatusOr<std::string> Read(const signing::Digest& digest) = 0;
};

}  // namespace orrery::registry

#endif  // REGISTRY_JUDGE_CONTENT_READER_H_
