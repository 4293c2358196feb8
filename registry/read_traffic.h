#ifndef REGISTRY_READ_TRAFFIC_H_
#define REGISTRY_READ_TRAFFIC_H_

#include <atomic>
#include <cstdint>

namespace orrery::registry {

// Lets those who read what is served go before the work that keeps it up to
// date. A low priority alone does not: a scheduler leaves the core for some
// milliseconds to a thread that has begun. Thread-safe.
class ReadTraffic {
 public:
  // An answer is about to be given.
  void NoteRead() { reads_.fetch_add(1, std::memory_order_relaxed); }

  // To be called by who works, between steps of well under a millisecond. Rests
  // for as long as the thread has worked since it last did, about, when many
  // were reading meanwhile.
  void GiveWay();

 private:
  std::atomic<uint64_t> reads_ = 0;
};

}  // namespace orrery::registry

#endif  // REGISTRY_READ_TRAFFIC_H_
