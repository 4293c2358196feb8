#ifndef CLI_PLUGIN_COMMAND_INTERRUPT_H_
#define CLI_PLUGIN_COMMAND_INTERRUPT_H_

#include "cli-plugin/command/clock.h"

namespace orrery::cli {

// Ctrl-C: the first one is remembered, so that a command can end cleanly; the
// second one leaves the process at once with exit 130. One object a process,
// from the start of main.
class Interrupts : public Clock {
 public:
  Interrupts();

  bool raised() const;
  // Readable from the first interrupt on; for poll.
  int descriptor() const { return read_end_; }

  absl::Time Now() override;
  bool SleepFor(absl::Duration duration) override;

 private:
  int read_end_;
};

}  // namespace orrery::cli

#endif  // CLI_PLUGIN_COMMAND_INTERRUPT_H_
