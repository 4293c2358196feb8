#ifndef THIRD_PARTY_TCMALLOC_RELEASE_FREE_MEMORY_H_
#define THIRD_PARTY_TCMALLOC_RELEASE_FREE_MEMORY_H_

namespace orrery {

// Gives what malloc holds and nobody uses back to the system, be it tcmalloc or
// that of the C library. Takes milliseconds. Thread-safe.
void ReleaseFreeMemory();

}  // namespace orrery

#endif  // THIRD_PARTY_TCMALLOC_RELEASE_FREE_MEMORY_H_
