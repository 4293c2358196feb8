#ifndef CLI_PLUGIN_COMMAND_CLOCK_H_
#define CLI_PLUGIN_COMMAND_CLOCK_H_

#include "absl/time/time.h"

namespace orrery::cli {

// Time, and waiting that Ctrl-C ends.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual absl::Time Now() = 0;
  // False when the user interrupted, before or meanwhile.
  virtual bool SleepFor(absl::Duration duration) = 0;
};

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_COMMAND_CLOCK_H_
