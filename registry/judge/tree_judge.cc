#include "registry/judge/tree_judge.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"

#include "third_party/absl/mutex.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr size_t kThreads = 2;
// Fewer are judged before a thread has started.
constexpr size_t kMinParallel = 16;
// Places that a thread judges before it hands them over, at most: neighbours
// have most of their files in common, and a thread has those at hand.
constexpr size_t kMaxBatch = 32;
// How many of these, and of their bytes, wait to be taken, about. A release has
// at most 8 MiB.
constexpr size_t kWindow = 16;
constexpr size_t kMaxWaitingBytes = size_t{32} << 20;

// About what an entry takes with all its parts.
uint64_t SizeOf(const IndexEntry& entry) {
  constexpr uint64_t kEntry = 700;
  constexpr uint64_t kFile = 150;
  constexpr uint64_t kFinding = 250;
  uint64_t bytes = kEntry + kFile * entry.release->files.size();
  for (const Finding& finding : entry.release->findings) {
    bytes += kFinding + finding.text.size();
  }
  return bytes;
}

// What judging may still cost. Thread-safe.
class Budget {
 public:
  explicit Budget(const JudgingLimits& limits) : limits_(limits) {}

  absl::Status Take(absl::string_view path, const JudgedEntry& judged) {
    if (!judged.entry.has_value()) return absl::OkStatus();
    uint64_t bytes = 0;
    for (const ReleaseContent& file : judged.entry->release->files) {
      if (file.digest.has_value()) bytes += file.size;
    }
    if ((read_ += bytes) > limits_.max_read_bytes) {
      return Exhausted(path, "the files of the releases",
                       limits_.max_read_bytes);
    }
    if ((kept_ += SizeOf(*judged.entry)) > limits_.max_index_bytes) {
      return Exhausted(path, "what is kept of the releases",
                       limits_.max_index_bytes);
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status Exhausted(absl::string_view path, absl::string_view what,
                                uint64_t limit) {
    return AtPlace(path, absl::ResourceExhaustedError(absl::StrCat(
                             "with this, ", what, " would take more than ",
                             limit, " bytes")));
  }

  const JudgingLimits limits_;
  std::atomic<uint64_t> read_ = 0;
  std::atomic<uint64_t> kept_ = 0;
};

// What all threads that judge the same places share.
struct Task {
  const std::vector<PackageTreeEntry>& places;
  const JudgedSource& source;
  const Interruption& interrupted;
  Budget budget;
  ContentClaims claims;
  size_t batch_size;
};

absl::StatusOr<JudgedEntry> JudgePlace(const GitRepository& repository,
                                       const PackageTreeEntry& place,
                                       Task& task, ContentPacker& packer) {
  ORRERY_RETURN_IF_ERROR(task.interrupted());
  ORRERY_ASSIGN_OR_RETURN(
      JudgedEntry judged,
      JudgeTreeEntry(repository, place, task.source, task.claims, packer));
  ORRERY_RETURN_IF_ERROR(task.budget.Take(place.path, judged));
  return judged;
}

struct Batch {
  // Ends with the first error.
  std::vector<absl::StatusOr<JudgedEntry>> judged;
  size_t bytes = 0;
};

// Hands batches of places to the threads that judge, and their results, in
// order, to the one that takes.
class Window {
 public:
  explicit Window(size_t batches) : batches_(batches) {}

  // Waits until a batch may be judged; nothing when there are no more.
  std::optional<size_t> Next() {
    const MutexLock lock(&mutex_);
    while (!ended_ && next_ < batches_ &&
           (next_ >= taken_ + kWindow || waiting_bytes_ > kMaxWaitingBytes)) {
      changed_.wait(mutex_);
    }
    if (ended_ || next_ >= batches_) return std::nullopt;
    return next_++;
  }
  void Give(size_t number, Batch batch) {
    const MutexLock lock(&mutex_);
    waiting_bytes_ += batch.bytes;
    slots_[number % kWindow] = std::move(batch);
    changed_.notify_all();
  }
  Batch Take() {
    const MutexLock lock(&mutex_);
    std::optional<Batch>& slot = slots_[taken_ % kWindow];
    while (!slot.has_value()) changed_.wait(mutex_);
    Batch batch = *std::move(slot);
    slot.reset();
    waiting_bytes_ -= batch.bytes;
    ++taken_;
    changed_.notify_all();
    return batch;
  }
  // No further batch is given out.
  void End() {
    const MutexLock lock(&mutex_);
    ended_ = true;
    changed_.notify_all();
  }

 private:
  const size_t batches_;
  Mutex mutex_;
  Condition changed_;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t taken_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t waiting_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<Batch> slots_[kWindow] ABSL_GUARDED_BY(mutex_);
};

size_t BytesOf(const JudgedEntry& judged) {
  size_t bytes = 0;
  for (const PackedContent& content : judged.contents) {
    bytes += content.packed.size();
  }
  return bytes;
}

Batch JudgeBatch(const GitRepository& repository, size_t number, Task& task,
                 ContentPacker& packer) {
  Batch batch;
  const size_t begin = number * task.batch_size;
  const size_t end = std::min(begin + task.batch_size, task.places.size());
  for (size_t i = begin; i < end; ++i) {
    absl::StatusOr<JudgedEntry> judged =
        JudgePlace(repository, task.places[i], task, packer);
    const bool read = judged.ok();
    if (read) batch.bytes += BytesOf(*judged);
    batch.judged.push_back(std::move(judged));
    if (!read) break;
  }
  return batch;
}

void Work(const GitRepository& repository, Task& task, Window& window) {
  ContentPacker packer;
  while (const std::optional<size_t> number = window.Next()) {
    window.Give(*number, JudgeBatch(repository, *number, task, packer));
  }
}

}  // namespace

absl::Status JudgePlaces(
    const std::string& path, const GitRepository& repository,
    const std::vector<PackageTreeEntry>& places, const JudgedSource& source,
    const JudgingLimits& limits, const Interruption& interrupted,
    const std::function<absl::Status(const PackageTreeEntry&, JudgedEntry)>&
        take) {
  // Many batches, so that no thread waits long for the other's last one.
  const size_t batch_size =
      std::clamp<size_t>(places.size() / 32, 1, kMaxBatch);
  Task task{places, source, interrupted, Budget(limits), {}, batch_size};
  if (places.size() < kMinParallel) {
    ContentPacker packer;
    for (const PackageTreeEntry& place : places) {
      ORRERY_ASSIGN_OR_RETURN(JudgedEntry judged,
                              JudgePlace(repository, place, task, packer));
      ORRERY_RETURN_IF_ERROR(take(place, std::move(judged)));
    }
    return absl::OkStatus();
  }
  const size_t batches = (places.size() + batch_size - 1) / batch_size;
  Window window(batches);
  absl::Status done;
  std::vector<std::jthread> threads;
  threads.emplace_back([&] { Work(repository, task, window); });
  for (size_t i = 1; i < kThreads; ++i) {
    threads.emplace_back([&] {
      const auto opened = GitRepository::Open(path);
      // What this thread cannot do the first one does.
      if (opened.ok()) Work(**opened, task, window);
    });
  }
  auto place = places.begin();
  for (size_t i = 0; i < batches && done.ok(); ++i) {
    Batch batch = window.Take();
    for (absl::StatusOr<JudgedEntry>& judged : batch.judged) {
      done = judged.ok() ? take(*place++, *std::move(judged)) : judged.status();
      if (!done.ok()) break;
    }
  }
  window.End();
  return done;
}

}  // namespace orrery::registry
