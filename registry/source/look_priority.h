#ifndef REGISTRY_SOURCE_LOOK_PRIORITY_H_
#define REGISTRY_SOURCE_LOOK_PRIORITY_H_

namespace orrery::registry {

// From now on whoever answers readers goes before the calling thread, and
// before the threads and programs that it starts. Where the system does not
// allow that, it is only slower for readers.
void YieldToReaders();

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_LOOK_PRIORITY_H_
