#ifndef CATALOG_API_MESSAGE_STREAM_H_
#define CATALOG_API_MESSAGE_STREAM_H_

#include <vector>

#include "absl/status/statusor.h"

namespace orrery::catalog {

// A stream of messages that its reader pulls; the listeners poll it on a timer
// and pass what is there on, as SSE or over gRPC. Not thread-safe.
template <typename Message>
class MessageStream {
 public:
  virtual ~MessageStream() = default;

  // The messages that are ready, perhaps none; never blocks. A status ends the
  // stream.
  virtual absl::StatusOr<std::vector<Message>> Poll() = 0;
  // Whether the stream has ended well: nothing more will come.
  virtual bool done() const = 0;
};

}  // namespace orrery::catalog

#endif  // CATALOG_API_MESSAGE_STREAM_H_
