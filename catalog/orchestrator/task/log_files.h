// The output of an instance: two files that its processes append to, kept small
// by copy-and-truncate, and read while they grow.

#ifndef CATALOG_ORCHESTRATOR_TASK_LOG_FILES_H_
#define CATALOG_ORCHESTRATOR_TASK_LOG_FILES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"

#include "third_party/absl/mutex.h"

namespace orrery::catalog {

// One stream of one instance: PATH, and PATH.1, PATH.2, … of what was rotated
// away. Thread-safe: a reader and the rotation may meet.
class LogFile {
 public:
  // Keeps at most `files` files of about `max_bytes` each.
  LogFile(std::string path, int64_t max_bytes, int files);

  // Moves what is there away when it has grown over the limit. Bytes written
  // between the copy and the truncation are lost: the writer cannot be told to
  // reopen.
  void RotateIfLarge();

  // Where the last `lines` lines of the current file begin; a position counts
  // the bytes ever written since this object was made.
  int64_t TailPosition(int lines) const;

  // Reads up to `max_bytes` on from `*position` and moves it. What was rotated
  // away for good is skipped.
  std::string Read(int64_t* position, int64_t max_bytes) const;

  // The last bytes, at most so many.
  std::string LastBytes(int64_t max_bytes) const;

 private:
  std::string Rotated(int number) const;

  const std::string path_;
  const int64_t max_bytes_;
  const int files_;
  mutable Mutex mutex_;
  // Position at which the current file begins, and the one before it.
  int64_t base_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t previous_base_ ABSL_GUARDED_BY(mutex_) = 0;
};

// Cuts a growing text into lines.
class LineCutter {
 public:
  // The whole lines there are now; a last one without its end stays behind,
  // unless it is very long.
  std::vector<std::string> Add(absl::string_view bytes);
  // What stayed behind, if anything.
  std::vector<std::string> Finish();

 private:
  std::string rest_;
};

// `text` with U+FFFD for what is no UTF-8.
std::string ReplaceInvalidUtf8(absl::string_view text);

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_LOG_FILES_H_
