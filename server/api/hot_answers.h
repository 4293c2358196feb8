// Answers that what is served alone decides, made once a change of it.

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

// Keeps answers by what was asked, those used last first, each until what it
// was made of changes. An answer knows its bytes: `size()`. Thread-safe.
template <typename Answer>
class HotAnswers {
 public:
  using AnswerPtr = std::shared_ptr<const Answer>;

  // Counts the changes of what is served of a package, or for an empty name of
  // everything; is called under a lock.
  using EpochOf = std::function<uint64_t(absl::string_view package)>;

  // Older answers go when those kept exceed `max_bytes`.
  HotAnswers(EpochOf epoch_of, size_t max_bytes)
      : epoch_of_(std::move(epoch_of)), max_bytes_(max_bytes) {}
  HotAnswers(const HotAnswers&) = delete;
  HotAnswers& operator=(const HotAnswers&) = delete;

  // Null when there is none that is still good. Never waits, and frees nothing:
  // that may take longer than answers do.
  AnswerPtr Find(absl::string_view key) {
    const MutexLock lock(&mutex_);
    return FindLocked(key);
  }

  // What `make` makes of the package, or for an empty name of everything that
  // is served; unless it is there. However many ask for one key at a time, one
  // of them makes it and the others wait. Null, which `make` may return, is not
  // kept: the next one tries again. Requires: the key names the package.
  AnswerPtr FindOrMake(absl::string_view key, absl::string_view package,
                       const std::function<AnswerPtr()>& make) {
    Entry entry{std::string(key), std::string(package), 0, nullptr};
    {
      const MutexLock lock(&mutex_);
      while (true) {
        if (AnswerPtr found = FindLocked(key)) return found;
        if (making_.emplace(key).second) break;
        made_.wait(mutex_);
      }
      entry.epoch = epoch_of_(package);
    }
    const AnswerPtr answer = make();
    entry.answer = answer;
    {
      Entries dropped;
      const MutexLock lock(&mutex_);
      making_.erase(entry.key);
      // Only then `make` has seen nothing but what was served then.
      if (answer != nullptr && IsGood(entry)) Keep(std::move(entry), &dropped);
    }
    made_.notify_all();
    return answer;
  }

 private:
  struct Entry {
    std::string key;
    std::string package;
    // Of the package.
    uint64_t epoch = 0;
    AnswerPtr answer;
  };
  // Used last first. What is taken out is freed outside of the lock.
  using Entries = std::list<Entry>;

  // What an entry costs beside its answer, about.
  static constexpr size_t kEntryBytes = 256;

  static size_t BytesOf(const Entry& entry) {
    return kEntryBytes + entry.key.size() + entry.package.size() +
           entry.answer->size();
  }

  bool IsGood(const Entry& entry) const {
    return entry.epoch == epoch_of_(entry.package);
  }

  AnswerPtr FindLocked(absl::string_view key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto found = index_.find(key);
    if (found == index_.end() || !IsGood(*found->second)) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->answer;
  }

  // In the place of the one of that key, if there is one.
  void Keep(Entry entry, Entries* dropped)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const auto known = index_.find(entry.key);
    if (known != index_.end()) Drop(known->second, dropped);
    entries_.push_front(std::move(entry));
    index_[entries_.front().key] = entries_.begin();
    bytes_ += BytesOf(entries_.front());
    while (bytes_ > max_bytes_) Drop(std::prev(entries_.end()), dropped);
  }

  void Drop(typename Entries::iterator entry, Entries* dropped)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    bytes_ -= BytesOf(*entry);
    index_.erase(entry->key);
    dropped->splice(dropped->end(), entries_, entry);
  }

  const EpochOf epoch_of_;
  const size_t max_bytes_;
  Mutex mutex_;
  Condition made_;
  // Of the answers that are kept.
  size_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  Entries entries_ ABSL_GUARDED_BY(mutex_);
  // Views of the keys in `entries_`.
  absl::flat_hash_map<absl::string_view, typename Entries::iterator> index_
      ABSL_GUARDED_BY(mutex_);
  std::set<std::string> making_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace orrery::server

#endif  // SERVER_API_HOT_ANSWERS_H_
