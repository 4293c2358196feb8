// Answers that the served snapshot alone decides, made once a snapshot.

#ifndef SERVER_API_HOT_ANSWERS_H_
#define SERVER_API_HOT_ANSWERS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <list>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

#include "third_party/absl/mutex.h"

namespace orrery::server {

// Keeps answers by what was asked, those used last first, and drops all of them
// when the snapshot changes. An answer knows its bytes: `size()`. Thread-safe.
template <typename Answer>
class HotAnswers {
 public:
  using AnswerPtr = std::shared_ptr<const Answer>;

  // `generation` names the snapshot that is served and never goes back; it is
  // called under a lock. Older answers go when those kept exceed `max_bytes`.
  HotAnswers(std::function<uint64_t()> generation, size_t max_bytes)
      : generation_(std::move(generation)), max_bytes_(max_bytes) {}
  HotAnswers(const HotAnswers&) = delete;
  HotAnswers& operator=(const HotAnswers&) = delete;

  // Null when there is none of the served snapshot. Never waits, and frees
  // nothing: that may take longer than answers do.
  AnswerPtr Find(absl::string_view key) {
    const MutexLock lock(&mutex_);
    return generation_() == current_ ? FindLocked(key) : nullptr;
  }

  // What `make` makes, unless it is there. However many ask for one key at a
  // time, one of them makes it and the others wait. Null, which `make` may
  // return, is not kept: the next one tries again.
  AnswerPtr FindOrMake(absl::string_view key,
                       const std::function<AnswerPtr()>& make) {
    uint64_t before = 0;
    {
      Entries stale;
      const MutexLock lock(&mutex_);
      while (true) {
        DropStale(&stale);
        if (AnswerPtr found = FindLocked(key)) return found;
        if (making_.emplace(key).second) break;
        made_.wait(mutex_);
      }
      before = current_;
    }
    AnswerPtr answer = make();
    {
      Entries stale;
      const MutexLock lock(&mutex_);
      making_.erase(std::string(key));
      DropStale(&stale);
      // Only then `make` has seen that snapshot and no other.
      if (answer != nullptr && before == current_) Keep(key, answer, &stale);
    }
    made_.notify_all();
    return answer;
  }

 private:
  struct Entry {
    std::string key;
    AnswerPtr answer;
  };
  // Used last first. What is taken out is freed outside of the lock.
  using Entries = std::list<Entry>;

  // What an entry costs beside its answer, about.
  static constexpr size_t kEntryBytes = 256;

  static size_t BytesOf(const Entry& entry) {
    return kEntryBytes + 2 * entry.key.size() + entry.answer->size();
  }

  AnswerPtr FindLocked(absl::string_view key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->answer;
  }

  void DropStale(Entries* stale) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const uint64_t now = generation_();
    if (now == current_) return;
    current_ = now;
    index_.clear();
    stale->splice(stale->end(), entries_);
    bytes_ = 0;
  }

  void Keep(absl::string_view key, AnswerPtr answer, Entries* stale)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    entries_.push_front({std::string(key), std::move(answer)});
    index_[entries_.front().key] = entries_.begin();
    bytes_ += BytesOf(entries_.front());
    while (bytes_ > max_bytes_) {
      const auto oldest = std::prev(entries_.end());
      bytes_ -= BytesOf(*oldest);
      index_.erase(oldest->key);
      stale->splice(stale->end(), entries_, oldest);
    }
  }

  const std::function<uint64_t()> generation_;
  const size_t max_bytes_;
  Mutex mutex_;
  Condition made_;
  // Of the answers that are kept.
  uint64_t current_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  Entries entries_ ABSL_GUARDED_BY(mutex_);
  // Views of the keys in `entries_`.
  absl::flat_hash_map<absl::string_view, typename Entries::iterator> index_
      ABSL_GUARDED_BY(mutex_);
  std::set<std::string> making_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::server

#endif  // SERVER_API_HOT_ANSWERS_H_
