#ifndef CATALOG_ORCHESTRATOR_TASK_JAVA_VERSION_H_
#define CATALOG_ORCHESTRATOR_TASK_JAVA_VERSION_H_

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "third_party/absl/mutex.h"

namespace orrery::catalog {

// The major version in what a Java says of itself: `17` of `17.0.15`, `8` of
// `1.8.0_392`; empty when it is none.
std::string JavaMajor(absl::string_view version);

// The Java that a search path leads to (real-frameworks.md §2). Thread-safe.
class JavaVersion {
 public:
  // `path` is a list of folders, separated by colons.
  explicit JavaVersion(std::string path) : path_(std::move(path)) {}

  // Its major version, empty when there is none. Looks each time, so that one
  // that is installed later is found; asks the program itself, for 5 seconds at
  // most, only when the file `release` beside it does not say.
  std::string Get();

 private:
  const std::string path_;
  Mutex mutex_;
  // The program that was looked at last, and what it is.
  std::string program_ ABSL_GUARDED_BY(mutex_);
  absl::Time changed_ ABSL_GUARDED_BY(mutex_);
  std::string major_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_JAVA_VERSION_H_
