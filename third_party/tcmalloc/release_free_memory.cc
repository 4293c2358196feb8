#include "third_party/tcmalloc/release_free_memory.h"

#include <gperftools/malloc_extension_c.h>
#include <malloc.h>

// Not there in a binary with another malloc.
extern "C" __attribute__((weak)) void MallocExtension_ReleaseFreeMemory();

namespace orrery {

void ReleaseFreeMemory() {
  if (MallocExtension_ReleaseFreeMemory != nullptr) {
    MallocExtension_ReleaseFreeMemory();
  } else {
    malloc_trim(0);
  }
}

}  // namespace orrery
