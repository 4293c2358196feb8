// The streams of the catalog's API as the listeners pull them.

#ifndef CATALOG_API_MESSAGE_STREAMS_H_
#define CATALOG_API_MESSAGE_STREAMS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "catalog/api/message_stream.h"
#include "catalog/operation/operation_runner.h"
#include "catalog/orchestrator/orchestrator.h"
#include "catalog/v1/operation.pb.h"
#include "catalog/v1/service.pb.h"

namespace orrery::catalog {

// An operation now, after each change, and with its end.
class OperationStream : public MessageStream<v1::WatchOperationResponse> {
 public:
  // kNotFound when there is no such operation. `runner` must outlive the
  // stream.
  static absl::StatusOr<std::unique_ptr<OperationStream>> Open(
      const OperationRunner* runner, const std::string& name);

  absl::StatusOr<std::vector<v1::WatchOperationResponse>> Poll() override;
  bool done() const override { return done_; }

 private:
  OperationStream(const OperationRunner* runner, std::string name)
      : runner_(runner), name_(std::move(name)) {}

  const OperationRunner* runner_;
  std::string name_;
  // Serialised, of the last message.
  std::optional<std::string> last_;
  bool done_ = false;
};

// The lines of a service's tasks, and those to come when following.
class LogStream : public MessageStream<v1::StreamLogsResponse> {
 public:
  LogStream(std::unique_ptr<LogReader> reader, bool follow)
      : reader_(std::move(reader)), follow_(follow) {}

  absl::StatusOr<std::vector<v1::StreamLogsResponse>> Poll() override;
  bool done() const override { return done_; }

 private:
  std::unique_ptr<LogReader> reader_;
  bool follow_;
  bool done_ = false;
};

}  // namespace orrery::catalog

#endif  // CATALOG_API_MESSAGE_STREAMS_H_
